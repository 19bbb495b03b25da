// How many messages a second, and how long until an answer, through a real socket? `npm run bench:end-to-end`
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArguments, select } from "../harness/arguments.ts";
import { bundleWorker } from "../harness/bundle.ts";
import { provenance } from "../harness/machine.ts";
import { installedVersion, installPeers } from "../harness/peers.ts";
import { progress } from "../harness/progress.ts";
import { quantile } from "../harness/statistics.ts";
import { textTable } from "../harness/text.ts";
import { serveWorker } from "../harness/workerd.ts";
import { rateRatio, undisturbed, type EndToEndRow } from "./row.ts";
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

interface Measured {
  readonly socket: CountingSocket;
  readonly rates: number[];
  readonly times: number[];
  loadRows: number;
  singleRows: number;
}

/** Unanswered messages at a time: enough that neither side waits, as in a chatty room. */
const WINDOW = 100;

const args = readArguments();
// Short rounds: what disturbs the machine for a second falls on all objects alike.
const rounds = args.quick ? 25 : 50;
const messages = args.quick ? 200 : 300;
const singles = args.quick ? 10 : 30;
const objects = select("object", OBJECTS, args.only);
const origin = provenance(["npm run bench:end-to-end --", ...process.argv.slice(2)].join(" "));

installPeers();
const worker = await serveWorker(
  await bundleWorker("sockets.ts"),
  OBJECTS.map((object) => object.name),
  ["NoStorage"],
);
const rows: EndToEndRow[] = [];
try {
  const measured = new Map<string, Measured>();
  for (const { name } of objects) {
    const socket = await CountingSocket.open(`${worker.url}/?class=${name}&name=bench&userId=bench`);
    // Warm before anything counts.
    await socket.throughput(messages, WINDOW);
    measured.set(name, { socket, rates: [], times: [], loadRows: 0, singleRows: 0 });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { name } of objects) {
      progress(`round ${round + 1}/${rounds}: ${name}`);
      const own = measured.get(name);
      if (!own) continue;
      const before = await countRows(name);
      own.rates.push(await own.socket.throughput(messages, WINDOW));
      const between = await countRows(name);
      own.times.push(...(await own.socket.latencies(singles)));
      own.loadRows += between - before;
      own.singleRows += (await countRows(name)) - between;
    }
  }
  for (const { name, title } of objects) {
    const own = measured.get(name);
    if (!own) continue;
    own.socket.close();
    rows.push({
      object: name,
      title,
      messagesPerSecond: undisturbed(own.rates),
      rounds: own.rates,
      p50Ms: quantile(own.times, 0.5),
      p99Ms: quantile(own.times, 0.99),
      messages: messages * rounds,
      rowsUnderLoad: own.loadRows / (messages * rounds),
      rowsOneAtATime: own.singleRows / (singles * rounds),
    });
  }
} finally {
  progress("");
  await worker.stop();
}

console.log(
  textTable(
    ["", "messages/s", "/ hand-written", "/ per-write", "p50 ms", "p99 ms", "rows/message", "one at a time"],
    rows.map((row) => [
      row.title,
      row.messagesPerSecond.toFixed(0),
      rateRatio(rows, row.object, "ByHand")?.toFixed(2) ?? "",
      rateRatio(rows, row.object, "PerWrite")?.toFixed(2) ?? "",
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
