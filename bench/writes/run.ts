// How much does each way of keeping a state write, and what does a turn cost? `npm run bench:writes`
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments, select } from "../harness/arguments.ts";
import { bundleWorker } from "../harness/bundle.ts";
import { interleave } from "../harness/interleave.ts";
import { provenance } from "../harness/machine.ts";
import { installedVersion, installPeers } from "../harness/peers.ts";
import { progress } from "../harness/progress.ts";
import { median } from "../harness/statistics.ts";
import { textTable } from "../harness/text.ts";
import { serveWorker, type ServedWorker } from "../harness/workerd.ts";
import type { Job } from "./job.ts";
import type { WriteCounts, WriteTime } from "./measure.ts";
import { STORES } from "./stores/index.ts";
import type { WritesCell } from "./cell.ts";
import { WORKLOADS } from "./workloads/index.ts";

const PEERS = [
  { name: "persist", title: "@cloudflare/actors @Persist" },
  { name: "agents", title: "agents setState" },
];

const args = readArguments();
const rounds = args.quick ? 1 : 3;
const minimumMs = args.quick ? 15 : 60;
const stores = select("store", [...STORES, ...PEERS], args.only);
const workloads = select("workload", WORKLOADS, args.work);
const origin = provenance("bench:writes");

installPeers();
/** How many objects were timed, each of them fresh. */
let timed = 0;
const script = await bundleWorker("writes.ts");
const cells: WritesCell[] = [];
const worker = await serveWorker(script, ["WritesObject", "PersistObject", "AgentObject"]);
try {
  for (const { name: workload } of workloads) {
    const counted = new Map<string, Omit<WritesCell, "turnMicroseconds">>();
    for (const { name: store } of stores) {
      progress(`${workload}: counting ${store}`);
      counted.set(store, await count(worker, store, workload));
    }
    const tasks = stores
      .filter(({ name }) => counted.get(name)?.error === undefined)
      .map(({ name }) => ({ name, run: () => time(worker, name, workload) }));
    const times = await interleave(tasks, rounds, (_, store) => progress(`${workload}: timing ${store}`));
    for (const [store, cell] of counted) {
      const own = times.get(store) ?? [];
      cells.push({ ...cell, turnMicroseconds: own.length > 0 ? median(own) * 1_000 : undefined });
    }
  }
} finally {
  progress("");
  await worker.stop();
}

print();
const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const complete = args.only.length === 0 && args.work.length === 0;
const peers = Object.fromEntries(
  ["@cloudflare/actors", "agents"].map((name) => [name, installedVersion(name)]),
);
writeFileSync(
  `${folder}writes${complete ? "" : "-partial"}.json`,
  JSON.stringify({ origin, quick: args.quick, rounds, peers, cells }, null, 1),
);

async function count(
  served: ServedWorker,
  store: string,
  workload: string,
): Promise<Omit<WritesCell, "turnMicroseconds">> {
  const name = `${workload}:${store}`;
  const counts = await ask<WriteCounts>(served, name, { kind: "count", store, workload });
  if (!counts.ok) return { store, workload, counts: undefined, restored: undefined, error: counts.error };
  // The answer to this is the object's end.
  await ask(served, name, { kind: "abort", store, workload });
  const check = await ask<{ restored?: boolean }>(served, name, { kind: "check", store, workload });
  const error = check.ok ? undefined : check.error;
  return {
    store,
    workload,
    counts: counts.result,
    restored: check.ok ? check.result.restored : false,
    error,
  };
}

/** Milliseconds a turn, timed in an object of its own over many turns. */
async function time(served: ServedWorker, store: string, workload: string): Promise<number> {
  const job = { kind: "time", store, workload, minimumMs } as const;
  const answer = await ask<WriteTime>(served, `${workload}:${store}:${++timed}`, job);
  if (!answer.ok) throw new Error(`[bench] ${store} can't be timed at ${workload}: ${answer.error}`);
  return answer.result.ms / answer.result.turns;
}

async function ask<Result>(
  served: ServedWorker,
  name: string,
  job: Job,
): Promise<{ ok: true; result: Result } | { ok: false; error: string }> {
  const response = await fetch(`${served.url}/${name}`, { method: "POST", body: JSON.stringify(job) });
  if (response.ok) return { ok: true, result: (await response.json()) as Result };
  return { ok: false, error: (await response.text()).split("\n")[0] ?? "" };
}

function print(): void {
  for (const workload of workloads) {
    const own = cells.filter((cell) => cell.workload === workload.name);
    const changed = own.find((cell) => cell.counts !== undefined)?.counts?.changedBytes ?? 0;
    console.log(`\n${workload.title}: ${workload.turns} turns, ${changed} bytes changed`);
    console.log(textTable(["", "puts", "rows", "bytes", "µs a turn", ""], own.map(row)));
  }
  console.log(`\n${origin.machine}. ${origin.node}. ${origin.commit}.`);
}

function row(cell: WritesCell): string[] {
  const title = [...STORES, ...PEERS].find((store) => store.name === cell.store)?.title ?? cell.store;
  const { counts, error = "" } = cell;
  if (counts === undefined) return [title, "", "", "", "", error];
  const numbers = [counts.puts, counts.rows, counts.bytes].map(String);
  const note = cell.restored === false ? `does not restore the state ${error}` : "";
  return [title].concat(numbers, cell.turnMicroseconds?.toFixed(1) ?? "", note);
}
