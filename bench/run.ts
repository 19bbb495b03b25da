// All benchmarks, one part after the other, and the report: `npm run bench`, or `npm run bench -- --quick`
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installPeers } from "./harness/peers.ts";

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });

// Two cells at a time keep the whole under a quarter of an hour; `npm run bench:reactive` alone takes one at a time.
const PARTS = [
  { name: "writes", flags: [] },
  { name: "restore", flags: [] },
  { name: "end-to-end", flags: [] },
  { name: "reactive", flags: values.quick ? [] : ["--parallel", "2"] },
];

installPeers();
const started = performance.now();
for (const { name, flags } of PARTS) {
  console.log(`\n== ${name} ==\n`);
  run(`./${name}/run.ts`, values.quick ? ["--quick", ...flags] : flags);
}
run("./reporting/generate.ts", []);
console.log(`${((performance.now() - started) / 60_000).toFixed(1)} minutes`);

function run(script: string, flags: readonly string[]): void {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, ["--no-warnings", path, ...flags], { stdio: "inherit" });
  if (status !== 0) throw new Error(`[bench] ${script} ended with ${status}`);
}
