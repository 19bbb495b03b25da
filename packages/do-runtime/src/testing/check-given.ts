// What the types say of what a test gives the storage, for tests without types: a wrong one would have them pass for nothing.
import { describe } from "../errors.ts";

const OPTIONS = ["backend", "rows", "settle"];

export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw wrong(`memoryStorage() was given ${shown(options)}; give an object, as { backend: "kv" }`);
  const unknown = Object.keys(options).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined)
    throw wrong(`memoryStorage() has no option "${unknown}"; give any of ${OPTIONS.join(", ")}`);
  const backend: unknown = Reflect.get(options, "backend");
  if (backend !== undefined && backend !== "sqlite" && backend !== "kv")
    throw wrong(`backend is ${shown(backend)}; give "sqlite" or "kv"`);
}

export function checkOperations(operations: unknown): void {
  if (typeof operations !== "number" || !(operations >= 0))
    throw wrong(
      `cutPowerAfter() was given ${shown(operations)}; give the number of operations that still succeed`,
    );
}

export function checkFilter(filter: unknown): void {
  if (typeof filter !== "function")
    throw wrong(
      `failWhen() was given ${shown(filter)}; give a function, as (call) => call.method === "put", that returns whether the call fails`,
    );
}

function shown(given: unknown): string {
  return typeof given === "string" ? JSON.stringify(given) : describe(given);
}

function wrong(message: string): TypeError {
  return new TypeError(`[testing] ${message}`);
}
