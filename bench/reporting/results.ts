// The results of the last run, as the report reads them.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import type { EndToEndRow } from "../end-to-end/row.ts";
import type { Provenance } from "../harness/machine.ts";
import type { CellSummary } from "../reactive/table.ts";
import type { RestoreCell } from "../restore/cell.ts";
import type { WritesCell } from "../writes/cell.ts";

interface Part {
  readonly origin: Provenance;
  readonly quick: boolean;
  readonly peers: Readonly<Record<string, string>>;
}

export interface AllResults {
  readonly reactive: Part & { readonly processes: number; readonly cells: readonly CellSummary[] };
  readonly writes: Part & { readonly rounds: number; readonly cells: readonly WritesCell[] };
  readonly restore: Part & { readonly wakes: number; readonly cells: readonly RestoreCell[] };
  readonly endToEnd: Part & { readonly rows: readonly EndToEndRow[] };
}

const PARTS = ["reactive", "writes", "restore", "end-to-end"] as const;

/** Takes over what the last run wrote to bench/results, and reads what is published in bench/report/results. */
export function readResults(): AllResults {
  mkdirSync(new URL("../report/results/", import.meta.url), { recursive: true });
  for (const part of PARTS) {
    const fresh = new URL(`../results/${part}.json`, import.meta.url);
    if (existsSync(fresh)) copyFileSync(fresh, published(part));
  }
  return publishedResults();
}

/** What is published in bench/report/results. */
export function publishedResults(): AllResults {
  return {
    reactive: read("reactive"),
    writes: read("writes"),
    restore: read("restore"),
    endToEnd: read("end-to-end"),
  };
}

function published(part: string): URL {
  return new URL(`../report/results/${part}.json`, import.meta.url);
}

function read<T>(part: (typeof PARTS)[number]): T {
  if (!existsSync(published(part))) throw new Error(`[bench] no results of ${part}; run npm run bench first`);
  return JSON.parse(readFileSync(published(part), "utf8")) as T;
}
