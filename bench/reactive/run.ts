// How fast is the reactive engine, next to its peers, to a bare Proxy and to plain objects? `npm run bench:reactive`
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments, select } from "../harness/arguments.ts";
import { provenance } from "../harness/machine.ts";
import { installedVersion, installPeers } from "../harness/peers.ts";
import { runCells, type CellJob, type CellOutcome } from "../harness/run-cells.ts";
import type { SampleOptions } from "../harness/sample.ts";
import { median } from "../harness/statistics.ts";
import type { CellResult } from "./cell.ts";
import { ENGINES, reasonToSkip } from "./engines/registry.ts";
import { printResults, Results, type CellSummary } from "./table.ts";
import { WORKS } from "./works/index.ts";

const FULL: SampleOptions = { warmupMs: 150, samples: 40, maxMs: 2_500 };
const QUICK: SampleOptions = { warmupMs: 30, samples: 10, maxMs: 1_000 };

const args = readArguments();
const options = args.quick ? QUICK : FULL;
const processes = args.processes ?? (args.quick ? 1 : 5);
const engines = select("engine", ENGINES, args.only);
const works = select("work", WORKS, args.work);
const origin = provenance("bench:reactive");

if (engines.some((engine) => engine.kind === "peer" || engine.kind === "other")) installPeers();

const script = fileURLToPath(new URL("./cell.ts", import.meta.url));
// What all engines take for one work, as often as there are processes.
const groups = works.flatMap((work) =>
  Array.from({ length: processes }, () =>
    engines
      .filter((engine) => reasonToSkip(engine, work.name) === undefined)
      .map((engine): CellJob => ({
        label: `${engine.name} ${work.name}`,
        script,
        args: [engine.name, work.name, JSON.stringify(options)],
        flags: engine.flags ?? [],
      })),
  ),
);

const started = performance.now();
const outcomes = await runCells<CellResult>(groups, { parallel: args.parallel ?? (args.quick ? 2 : 1) });
const cells = engines.flatMap((engine) =>
  works.map((work): CellSummary => {
    const own = outcomes.filter((outcome) => outcome.job.label === `${engine.name} ${work.name}`);
    return summarise(engine.name, work.name, own, reasonToSkip(engine, work.name));
  }),
);
const results = new Results(cells);
printResults(
  results,
  engines.map((engine) => engine.name),
);
console.log(
  `\n${outcomes.length} cells in ${((performance.now() - started) / 1000).toFixed(0)} s. ${origin.machine}. ${origin.node}. ${origin.commit}.`,
);

const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
// A part of the table must not replace the whole one that a report is made from.
const complete = args.only.length === 0 && args.work.length === 0;
writeFileSync(
  `${folder}reactive${complete ? "" : "-partial"}.json`,
  JSON.stringify(
    { origin, quick: args.quick, processes, peers: peerVersions(), cells, verdicts: results.verdicts() },
    null,
    1,
  ),
);

function summarise(
  engine: string,
  work: string,
  outcomes: readonly CellOutcome<CellResult>[],
  lack: string | undefined,
): CellSummary {
  const values: number[] = [];
  let disturbed = 0;
  let error: string | undefined;
  for (const { outcome } of outcomes) {
    if (!outcome.ok) error = outcome.error;
    else if (outcome.result.kind === "memory") values.push(outcome.result.bytes);
    else {
      values.push(outcome.result.timing.ns);
      if (!outcome.result.timing.quiet) disturbed++;
    }
  }
  if (error !== undefined || values.length === 0) {
    const missing = lack ?? `failed: ${error ?? "no result"}`;
    return {
      engine,
      work,
      value: undefined,
      min: undefined,
      max: undefined,
      processes: 0,
      disturbed,
      missing,
    };
  }
  return {
    engine,
    work,
    value: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    processes: values.length,
    disturbed,
    missing: undefined,
  };
}

function peerVersions(): Record<string, string | undefined> {
  const names = [
    "@vue/reactivity",
    "mobx",
    "valtio",
    "deepsignal",
    "alien-deepsignals",
    "solid-js",
    "@legendapp/state",
  ];
  return Object.fromEntries(names.map((name) => [name, installedVersion(name)]));
}
