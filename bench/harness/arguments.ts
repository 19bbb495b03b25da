import { parseArgs } from "node:util";

export interface BenchArguments {
  readonly quick: boolean;
  /** Names to keep, empty for all. */
  readonly only: readonly string[];
  readonly work: readonly string[];
  readonly processes: number | undefined;
  /** Processes at a time. */
  readonly parallel: number | undefined;
}

/** Reads `--quick`, `--only <engine,..>`, `--work <name,..>` `--processes <n>` and `--parallel <n>`; anything else is an error. */
export function readArguments(): BenchArguments {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      work: { type: "string", default: "" },
      processes: { type: "string" },
      parallel: { type: "string" },
    },
  });
  return {
    quick: values.quick,
    only: names(values.only),
    work: names(values.work),
    processes: values.processes === undefined ? undefined : Number(values.processes),
    parallel: values.parallel === undefined ? undefined : Number(values.parallel),
  };
}

function names(text: string): string[] {
  return text.split(",").filter((name) => name !== "");
}

/** The names asked for; an unknown one is an error that lists what there is. */
export function select<T extends { readonly name: string }>(
  what: string,
  all: readonly T[],
  asked: readonly string[],
): T[] {
  const unknown = asked.filter((name) => !all.some((entry) => entry.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `[bench] no ${what} ${unknown.join(", ")}; there are ${all.map((entry) => entry.name).join(", ")}`,
    );
  }
  return all.filter((entry) => asked.length === 0 || asked.includes(entry.name));
}
