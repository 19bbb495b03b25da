// How long does an object take to have its state back? `npm run bench:restore`
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments } from "../harness/arguments.ts";
import { bundleWorker } from "../harness/bundle.ts";
import { interleave } from "../harness/interleave.ts";
import { provenance } from "../harness/machine.ts";
import { progress } from "../harness/progress.ts";
import { median } from "../harness/statistics.ts";
import { textTable } from "../harness/text.ts";
import { serveWorker, type ServedWorker } from "../harness/workerd.ts";
import type { RestoreCell } from "./cell.ts";
import { RESTORE_WAYS, type RestoreJob, type RestoreShape, type RestoreWay, type Woken } from "./job.ts";

const KB = 1_000;
const MB = 1_000 * KB;
const BY_KEYS = [1, 10, 100, 1_000].map((keys) => ({ keys, bytes: 10 * KB, flushes: 0 }));
const BY_SIZE = [KB, 100 * KB, MB, 10 * MB].map((bytes) => ({ keys: 10, bytes, flushes: 0 }));
const BY_FLUSHES = [100, 10_000].map((flushes) => ({ keys: 10, bytes: 10 * KB, flushes }));
const SHAPES: readonly RestoreShape[] = [...BY_KEYS, ...BY_SIZE, ...BY_FLUSHES];

const args = readArguments();
const wakes = args.quick ? 5 : 25;
const ways = RESTORE_WAYS.filter(
  (way) => args.only.length === 0 || args.only.includes(way) || way === "nothing",
);
const origin = provenance("bench:restore");

const cells: RestoreCell[] = [];
const worker = await serveWorker(await bundleWorker("restore.ts"), ["RestoreObject"]);
try {
  for (const shape of SHAPES) {
    const woken = new Map<RestoreWay, Woken>();
    const errors = new Map<RestoreWay, string>();
    for (const way of ways) {
      progress(`${label(shape)}: preparing ${way}`);
      const done = await ask(worker, shape, way, { kind: "prepare", way, shape });
      if (!done.ok) errors.set(way, firstLine(await done.text()));
    }
    const tasks = ways
      .filter((way) => !errors.has(way))
      .map((way) => ({
        name: way,
        beforeEach: async () => void (await (await ask(worker, shape, way, { kind: "abort" })).text()),
        async run() {
          const response = await ask(worker, shape, way, { kind: "wake", way, shape });
          const text = await response.text();
          if (response.ok) woken.set(way, JSON.parse(text) as Woken);
          else errors.set(way, firstLine(text));
        },
      }));
    const times = await interleave(tasks, wakes, (wake, way) =>
      progress(`${label(shape)}: waking ${way}, ${wake + 1}/${wakes}`),
    );
    const floor = median(times.get("nothing") ?? []);
    for (const way of ways) {
      if (way === "nothing") continue;
      const own = woken.get(way);
      const error = errors.get(way) ?? (own?.restored === false ? "does not restore the state" : undefined);
      const ms = error === undefined ? median(times.get(way) ?? []) - floor : undefined;
      cells.push({ shape, way, reads: own?.reads, ms, error });
    }
  }
} finally {
  progress("");
  await worker.stop();
}

const shown = ways.filter((way) => way !== "nothing");
console.log(
  textTable(
    ["reads and ms to restore", ...shown],
    SHAPES.map((shape) => [label(shape)].concat(shown.map((way) => cellText(shape, way)))),
  ),
);
for (const { shape, way, error } of cells)
  if (error !== undefined) console.log(`${label(shape)}, ${way}: ${error}`);
console.log(`\n${origin.machine}. ${origin.node}. ${origin.commit}.`);

const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(
  `${folder}restore${args.only.length === 0 ? "" : "-partial"}.json`,
  JSON.stringify({ origin, quick: args.quick, wakes, cells }, null, 1),
);

function ask(served: ServedWorker, shape: RestoreShape, way: RestoreWay, job: RestoreJob): Promise<Response> {
  const name = `${shape.keys}-${shape.bytes}-${shape.flushes}-${way}`;
  return fetch(`${served.url}/${name}`, { method: "POST", body: JSON.stringify(job) });
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function label({ keys, bytes, flushes }: RestoreShape): string {
  const size = bytes >= MB ? `${bytes / MB} MB` : `${bytes / KB} KB`;
  const after = flushes === 0 ? "" : `, after ${flushes.toLocaleString("en")} flushes`;
  return `${keys.toLocaleString("en")} ${keys === 1 ? "key" : "keys"}, ${size}${after}`;
}

function cellText(shape: RestoreShape, way: RestoreWay): string {
  const cell = cells.find((candidate) => candidate.shape === shape && candidate.way === way);
  if (cell?.ms === undefined) return "-";
  return `${cell.reads ?? "?"}  ${cell.ms.toFixed(2)}`;
}
