// A model of the per-write engine, after its measured behaviour: every write to a tracked key serializes the whole key as
// JSON and puts it at once, whether the value changed or not. Deep mode wraps nested plain objects, never arrays, in a new
// Proxy at each read, and puts the whole top-level key at each nested write.
import type { State } from "../workload.ts";
import type { Store, StoreStorage } from "./store.ts";

const PREFIX = "_verani_persist:";

/** The state of one connection, loaded one key after the other. */
export async function openPerWrite(
  storage: StoreStorage,
  options: { initial: State; keys: readonly string[]; shallow: boolean },
): Promise<State> {
  const { initial, keys, shallow } = options;
  const target = { ...initial };
  for (const key of keys) {
    const text = await storage.get(PREFIX + key);
    if (typeof text === "string") target[key] = JSON.parse(text, revive);
  }

  return wrapPerWrite(target, storage, { keys, shallow });
}

/** The proxy that puts every write; `target` is its state. */
export function wrapPerWrite(
  target: State,
  storage: {
    put(key: string, value: unknown): Promise<void>;
    delete(key: string): Promise<boolean>;
  },
  options: { keys: readonly string[]; shallow: boolean },
): State {
  const { shallow } = options;
  const tracked = new Set<PropertyKey>(options.keys);
  const persist = (key: PropertyKey) => {
    if (typeof key === "string" && tracked.has(key)) void storage.put(PREFIX + key, serialize(target[key]));
  };
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      return shallow || !isPlain(value) ? value : nested(value, () => persist(key));
    },
    set(object, key, value) {
      Reflect.set(object, key, value);
      persist(key);
      return true;
    },
    deleteProperty(object, key) {
      Reflect.deleteProperty(object, key);
      if (typeof key === "string" && tracked.has(key)) void storage.delete(PREFIX + key);
      return true;
    },
  });
}

function nested(value: object, persist: () => void): object {
  return new Proxy(value, {
    get(object, key) {
      const child: unknown = Reflect.get(object, key);
      return isPlain(child) ? nested(child, persist) : child;
    },
    set(object, key, child) {
      Reflect.set(object, key, child);
      persist();
      return true;
    },
    deleteProperty(object, key) {
      Reflect.deleteProperty(object, key);
      persist();
      return true;
    },
  });
}

function serialize(value: unknown): string {
  const seen = new WeakSet<object>();
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key, found: unknown) {
    // `found` has been through toJSON already, which would hide a Date.
    const original = this[key];
    if (typeof original !== "object" || original === null) return found;
    if (seen.has(original)) return undefined;
    seen.add(original);
    if (original instanceof Date) return { __type: "Date", value: original.toISOString() };
    if (original instanceof RegExp)
      return { __type: "RegExp", source: original.source, flags: original.flags };
    if (original instanceof Map) return { __type: "Map", value: [...original] };
    if (original instanceof Set) return { __type: "Set", value: [...original] };
    if (original instanceof Error) return { __type: "Error", name: original.name, message: original.message };
    return found;
  });
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const type: unknown = Reflect.get(value, "__type");
  if (type === "Map") return new Map(Reflect.get(value, "value") as [unknown, unknown][]);
  if (type === "Set") return new Set(Reflect.get(value, "value") as unknown[]);
  return value;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function perWrite(shallow: boolean): Store {
  return {
    name: shallow ? "per-write" : "per-write-deep",
    title: `per-write model${shallow ? "" : ", deep"}`,
    open: async (storage, workload) => {
      const initial = workload.initial();
      const state = await openPerWrite(storage, { initial, keys: Object.keys(initial), shallow });
      return { state, sees: (step) => !shallow && step.insideArray !== true, endTurn() {} };
    },
  };
}

export const perWriteStores = [perWrite(true), perWrite(false)];
