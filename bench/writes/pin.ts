// Writes test/workerd/bench/pinned.ts from the last complete `npm run bench:writes`: to be run after a change that is meant to
// change the counts, and looked at line by line.
import { readFileSync, writeFileSync } from "node:fs";
import type { WritesCell } from "./cell.ts";
import { STORES } from "./stores/index.ts";
import { WORKLOADS } from "./workloads/index.ts";

const results = new URL("../results/writes.json", import.meta.url);
const { cells } = JSON.parse(readFileSync(results, "utf8")) as { cells: readonly WritesCell[] };

const lines = WORKLOADS.map((workload) => {
  const stores = STORES.map(({ name }) => {
    const counts = cells.find((cell) => cell.workload === workload.name && cell.store === name)?.counts;
    if (!counts)
      throw new Error(`[bench] no counts of ${name} for ${workload.name}; run npm run bench:writes first`);
    return `    "${name}": "${counts.puts} puts, ${counts.rows} rows, ${counts.bytes} bytes",`;
  });
  return `  "${workload.name}": {\n${stores.join("\n")}\n  },`;
});

writeFileSync(
  new URL("../../test/workerd/bench/pinned.ts", import.meta.url),
  `// What each store writes for all turns of each workload, the first one not counted. Made by bench/writes/pin.ts.
export const PINNED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${lines.join("\n")}
};
`,
);
