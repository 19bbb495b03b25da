// How many messages a second, and how long until an answer, through a real socket? `npm run bench:end-to-end`
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments, select } from "../harness/arguments.ts";
import { bundleWorker } from "../harness/bundle.ts";
import { provenance } from "../harness/machine.ts";
import { installedVersion, installPeers } from "../harness/peers.ts";
import { interleave, type InterleavedTask } from "../harness/interleave.ts";
import { progress } from "../harness/progress.ts";
import { median, quantile } from "../harness/statistics.ts";
import { textTable } from "../harness/text.ts";
import { serveWorker } from "../harness/workerd.ts";
import { rateRatio, type EndToEndRow } from "./row.ts";
import { CountingSocket } from "./client.ts";

const OBJECTS = [
  { name: "NoStorage", title: "no storage" },
  { name: "ByHand", title: "hand-written, put({2 keys})" },
  { name: "ByHandGroup", title: "hand-written group commit" },
  { name: "PerWrite", title: "per-write model" },
  { name: "PersistActor", title: "@cloudflare/actors @Persist" },
  { name: "CountingAgent", title: "agents setState" },
  { name: "DormouseTurn", title: "dormouse, turn, keys" },
  { name: "DormouseTurnLog", title: "dormouse, turn, log" },
  { name: "DormouseGroup", title: "dormouse, group, keys" },
  { name: "DormouseGroupLog", title: "dormouse, group, log" },
] as const;

/** Unanswered messages at a time: enough that neither side waits, as in a chatty room. */
const WINDOW = 100;

const load = (object: string) => `${object}, ${WINDOW} at a time`;
const single = (object: string) => `${object}, one at a time`;

const args = readArguments();
// Short rounds: what disturbs the machine for a second falls on all objects alike.
const rounds = args.quick ? 15 : 50;
const messages = args.quick ? 200 : 300;
const singles = args.quick ? 10 : 30;
// Until V8 compiles no more (its `--trace-opt` is silent from some 35,000 messages on): what is compiled serves all objects of a Worker's instance,
// so that few messages of a day are handled by less.
const warmUp = args.quick ? 1_000 : 40_000;
const objects = select("object", OBJECTS, args.only);
const origin = provenance("bench:end-to-end");

installPeers();
const worker = await serveWorker(
  await bundleWorker("sockets.ts"),
  OBJECTS.map((object) => object.name),
  ["NoStorage"],
);
const rows: EndToEndRow[] = [];
try {
  const sockets = new Map<string, CountingSocket>();
  const counted = new Map<string, number>();
  const tasks: InterleavedTask[] = [];
  for (const { name } of objects) {
    const socket = await CountingSocket.open(`${worker.url}/?class=${name}&name=bench&userId=bench`);
    for (let left = warmUp; left > 0; left -= 1_000) {
      progress(`warming up ${name}: ${left}`);
      await socket.flood(1_000, WINDOW);
    }
    sockets.set(name, socket);
    for (const { kind, iterations, run } of [
      { kind: load, iterations: 1, run: () => socket.flood(messages, WINDOW) },
      { kind: single, iterations: singles, run: () => socket.ask() },
    ]) {
      const task = kind(name);
      const count = async (sign: 1 | -1) =>
        void counted.set(task, (counted.get(task) ?? 0) + sign * (await countRows(name)));
      tasks.push({ name: task, iterations, run, before: () => count(-1), after: () => count(1) });
    }
  }
  const times = await interleave(tasks, rounds, (round, task) =>
    progress(`round ${round + 1}/${rounds}: ${task}`),
  );
  for (const { name, title } of objects) {
    sockets.get(name)?.close();
    const rates = (times.get(load(name)) ?? []).map((ms) => (messages / ms) * 1_000);
    const latencies = times.get(single(name)) ?? [];
    rows.push({
      object: name,
      title,
      messagesPerSecond: median(rates),
      // On a shared machine whatever disturbs a round only slows it.
      undisturbed: quantile(rates, 0.9),
      rounds: rates,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      messages: messages * rounds,
      rowsUnderLoad: (counted.get(load(name)) ?? 0) / (messages * rounds),
      rowsOneAtATime: (counted.get(single(name)) ?? 0) / (singles * rounds),
    });
  }
} finally {
  progress("");
  await worker.stop();
}

console.log(
  textTable(
    [
      "",
      "messages/s",
      "/ hand-written",
      "/ per-write",
      "best tenth",
      "p50 ms",
      "p99 ms",
      "rows/message",
      "one at a time",
    ],
    rows.map((row) => [
      row.title,
      row.messagesPerSecond.toFixed(0),
      rateRatio(rows, row.object, "ByHand")?.toFixed(2) ?? "",
      rateRatio(rows, row.object, "PerWrite")?.toFixed(2) ?? "",
      row.undisturbed.toFixed(0),
      row.p50Ms.toFixed(3),
      row.p99Ms.toFixed(3),
      row.rowsUnderLoad.toFixed(2),
      row.rowsOneAtATime.toFixed(2),
    ]),
  ),
);
console.log(`\n${origin.machine}. ${origin.node}. ${origin.commit}.`);

const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const peers = Object.fromEntries(
  ["@cloudflare/actors", "agents"].map((name) => [name, installedVersion(name)]),
);
writeFileSync(
  `${folder}end-to-end${args.only.length === 0 ? "" : "-partial"}.json`,
  JSON.stringify({ origin, quick: args.quick, peers, rows }, null, 1),
);

async function countRows(name: string): Promise<number> {
  const response = await fetch(`${worker.url}/rows?class=${name}&name=bench`);
  return ((await response.json()) as { rows: number }).rows;
}
