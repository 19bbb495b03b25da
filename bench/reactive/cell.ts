// One work on one engine, in a process of its own: `node cell.ts <engine> <work> <options as JSON>` prints one JSON line.
import { createReferenceLoop } from "../harness/reference-loop.ts";
import { sample, type SampleOptions, type Timing } from "../harness/sample.ts";
import { findEngine } from "./engines/registry.ts";
import { pollute } from "./pollute.ts";
import { WORKS } from "./works/index.ts";

export type CellResult = { kind: "time"; timing: Timing } | { kind: "memory"; bytes: number };

async function main(engineName: string, workName: string, options: SampleOptions): Promise<CellResult> {
  const entry = findEngine(engineName);
  const work = WORKS.find((candidate) => candidate.name === workName);
  if (!work) throw new Error(`[bench] no work "${workName}"`);
  const engine = await entry.load();
  // An engine that is put to some works only wraps nested plain objects and nothing else.
  const whole = entry.only === undefined;
  pollute(engine, {
    arrays: whole && !("for-of" in entry.lacks),
    collections: whole && !("map-iterate" in entry.lacks),
  });

  if (work.kind === "memory") return { kind: "memory", bytes: work.measure(engine) };
  const cell = work.setup(engine);
  cell.check();
  return { kind: "time", timing: sample(cell, createReferenceLoop(), options) };
}

const [engineName = "", workName = "", options = ""] = process.argv.slice(2);
const result = await main(engineName, workName, JSON.parse(options) as SampleOptions);
console.log(JSON.stringify(result));
// Some engines keep timers running.
process.exit(0);
