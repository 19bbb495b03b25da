import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type LocalWorker, startLocalWorker } from "../support/local-worker.ts";

let dataDir: string;
let worker: LocalWorker;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "dormouse-chat-"));
  worker = await startLocalWorker("chat", dataDir);
}, 60_000);

afterEach(async () => {
  await worker.kill();
  await rm(dataDir, { recursive: true, force: true });
});

interface Client {
  say(text: string): void;
  /** The next message of somebody else in the room. */
  heard(): Promise<{ text: string; messageNumber: number }>;
}

async function connect(userId: string): Promise<Client> {
  const socket = new WebSocket(`${worker.url.replace("http", "ws")}/ws?userId=${userId}`);
  const received: { text: string; messageNumber: number }[] = [];
  const waiting: ((message: { text: string; messageNumber: number }) => void)[] = [];
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as { data: { text: string; messageNumber: number } };
    const next = waiting.shift();
    if (next) next(frame.data);
    else received.push(frame.data);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`${userId} could not connect`)));
  });
  return {
    say: (text) => socket.send(JSON.stringify({ type: "message", data: { text } })),
    heard: () => {
      const message = received.shift();
      return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

it("serves the page", async () => {
  const page = await (await fetch(worker.url)).text();

  expect(page).toContain("dormouse chat");
});

it("goes on counting after the process was killed and started again", { timeout: 60_000 }, async () => {
  const numbers: number[] = [];
  const talk = async () => {
    const [ann, bob] = [await connect("ann"), await connect("bob")];
    for (let i = 0; i < 5; i++) {
      ann.say(`hello ${i}`);
      numbers.push((await bob.heard()).messageNumber);
    }
  };

  await talk();
  await worker.kill();
  worker = await startLocalWorker("chat", dataDir);
  await talk();

  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});
