// How many messages a second, and how long until an answer, through a real socket? `npm run bench:end-to-end`
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments, select } from "../harness/arguments.ts";
import { bundleWorker } from "../harness/bundle.ts";
import { provenance } from "../harness/machine.ts";
import { installedVersion, installPeers } from "../harness/peers.ts";
import { progress } from "../harness/progress.ts";
import { median, quantile } from "../harness/statistics.ts";
import { textTable } from "../harness/text.ts";
import { serveWorker } from "../harness/workerd.ts";
import { CountingSocket } from "./client.ts";

const OBJECTS = [
  { name: "NoStorage", title: "no storage" },
  { name: "ByHand", title: "hand-written, put({2 keys})" },
  { name: "ByHandGroup", title: "hand-written group commit" },
  { name: "PerWrite", title: "per-write model" },
  { name: "PersistActor", title: "@cloudflare/actors @Persist" },
  { name: "CountingAgent", title: "agents setState" },
  { name: "DormouseTurn", title: "dormouse, commit turn" },
  { name: "DormouseGroup", title: "dormouse, commit group" },
] as const;

export interface EndToEndRow {
  readonly object: string;
  readonly title: string;
  /** Median of the rounds, and all of them. */
  readonly messagesPerSecond: number;
  readonly rounds: readonly number[];
  /** One message at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly messages: number;
}

/** Unanswered messages at a time: enough that neither side waits, as in a chatty room. */
const WINDOW = 100;

const args = readArguments();
const rounds = args.quick ? 3 : 10;
const messages = args.quick ? 500 : 1_000;
const singles = args.quick ? 60 : 200;
const objects = select("object", OBJECTS, args.only);
const origin = provenance(["npm run bench:end-to-end --", ...process.argv.slice(2)].join(" "));

installPeers();
const worker = await serveWorker(
  await bundleWorker("sockets.ts"),
  OBJECTS.map((object) => object.name),
);
const rows: EndToEndRow[] = [];
try {
  const measured = new Map<string, { socket: CountingSocket; rates: number[]; times: number[] }>();
  for (const { name } of objects) {
    const socket = await CountingSocket.open(`${worker.url}/?class=${name}&name=bench&userId=bench`);
    // Warm before anything counts.
    await socket.throughput(messages, WINDOW);
    measured.set(name, { socket, rates: [], times: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name } of objects) {
      progress(`round ${round + 1}/${rounds}: ${name}`);
      const own = measured.get(name);
      if (!own) continue;
      own.rates.push(await own.socket.throughput(messages, WINDOW));
      own.times.push(...(await own.socket.latencies(singles)));
    }
  }
  for (const { name, title } of objects) {
    const own = measured.get(name);
    if (!own) continue;
    own.socket.close();
    rows.push({
      object: name,
      title,
      messagesPerSecond: median(own.rates),
      rounds: own.rates,
      p50Ms: quantile(own.times, 0.5),
      p99Ms: quantile(own.times, 0.99),
      messages: messages * rounds,
    });
  }
} finally {
  progress("");
  await worker.stop();
}

const rate = (name: string) => rows.find((row) => row.object === name)?.messagesPerSecond;
const ratio = (value: number, name: string) => {
  const other = rate(name);
  return other === undefined ? "" : (value / other).toFixed(2);
};
console.log(
  textTable(
    ["", "messages/s", "/ hand-written", "/ per-write", "p50 ms", "p99 ms"],
    rows.map((row) => [
      row.title,
      row.messagesPerSecond.toFixed(0),
      ratio(row.messagesPerSecond, "ByHand"),
      ratio(row.messagesPerSecond, "PerWrite"),
      row.p50Ms.toFixed(3),
      row.p99Ms.toFixed(3),
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
