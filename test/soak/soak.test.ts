// Two hundred users on two hundred objects and one room, for a minute, with sockets killed and objects evicted at random: nothing acknowledged
// is lost, nobody is stuck in the room, memory stays bounded (memory.ts watches that).
import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, inject, it } from "vitest";
import type { RoomStub } from "@dormouse/do-runtime";

declare module "vitest" {
  interface ProvidedContext {
    soakSeconds: number;
    soakSeed: number;
  }
}

const USERS = 200;
const SECONDS = inject("soakSeconds");
const SEED = inject("soakSeed");

/** mulberry32: one line of state, so that a seed repeats a run's choices. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(SEED);
const pick = (n: number) => Math.floor(random() * n);
const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

class User {
  readonly name: string;
  readonly stub: DurableObjectStub;
  readonly faults: string[] = [];
  /** The last count that the server told. */
  told = 0;
  /** How often an increment was asked for: the count may not pass it. */
  asked = 0;
  heard = 0;
  #ws: WebSocket | undefined;

  constructor(index: number) {
    this.name = `user-${index}`;
    this.stub = env.UserConnection.getByName(this.name);
  }

  get isOpen(): boolean {
    return this.#ws?.readyState === 1;
  }

  async open(): Promise<void> {
    const { webSocket, status } = await this.stub.fetch("https://soak/ws", {
      headers: { Upgrade: "websocket" },
    });
    if (webSocket === null) throw new Error(`${this.name} was refused: ${status}`);
    webSocket.addEventListener("message", ({ data }) => this.#receive(String(data)));
    webSocket.addEventListener("close", () => {
      if (this.#ws === webSocket) this.#ws = undefined;
    });
    webSocket.accept();
    this.#ws = webSocket;
  }

  add(): void {
    this.asked++;
    this.#send("add");
  }

  say(): void {
    this.#send("say", { by: this.name });
  }

  kill(): void {
    this.#ws?.close(4000, "killed");
    this.#ws = undefined;
  }

  #send(type: string, data?: unknown): void {
    this.#ws?.send(JSON.stringify({ type, data }));
  }

  #receive(text: string): void {
    const frame = JSON.parse(text) as { type: string; data: { type: string; count: number; hits: number } };
    if (frame.type !== "event") {
      this.faults.push(`${this.name} received ${text}`);
      return;
    }
    const { type, count, hits } = frame.data;
    if (type === "said") this.heard++;
    if (type !== "count" && type !== "welcome") return;
    if (count !== hits) this.faults.push(`${this.name}: count ${count}, but ${hits} hits`);
    if (count < this.told) this.faults.push(`${this.name}: told ${this.told}, and then ${count}`);
    if (count > this.asked) this.faults.push(`${this.name}: asked ${this.asked} times, but ${count} counted`);
    this.told = Math.max(this.told, count);
  }
}

// "The room" is an object of the users' own class: named so, it is one.
const roomStub = env.UserConnection.getByName("room:soak") as unknown as RoomStub;

async function evict(stub: DurableObjectStub, webSockets: "close" | "hibernate"): Promise<void> {
  // One that doesn't run can't be evicted, which is as well.
  await evictDurableObject(stub, { webSockets }).catch(() => {});
}

it(`keeps its word for ${SECONDS} s (seed ${SEED})`, async () => {
  const users = Array.from({ length: USERS }, (_, index) => new User(index));
  await Promise.all(users.map((user) => user.open()));
  const counts = { add: 0, say: 0, kill: 0, hibernate: 0, crash: 0, roomEvicted: 0, reopen: 0 };
  const background: Promise<unknown>[] = [];

  const end = Date.now() + SECONDS * 1000;
  while (Date.now() < end) {
    for (let i = 0; i < 40; i++) {
      const user = users[pick(USERS)] as User;
      const action = random();
      if (!user.isOpen) {
        counts.reopen++;
        background.push(user.open());
      } else if (action < 0.85) {
        counts.add++;
        user.add();
      } else if (action < 0.87) {
        counts.say++;
        user.say();
      } else if (action < 0.92) {
        counts.kill++;
        user.kill();
      } else if (action < 0.97) {
        counts.hibernate++;
        background.push(evict(user.stub, "hibernate"));
      } else {
        counts.crash++;
        background.push(evict(user.stub, "close"));
      }
    }
    if (random() < 0.05) {
      counts.roomEvicted++;
      background.push(evict(roomStub, "hibernate"));
    }
    await sleep(5);
    if (background.length > 200) await Promise.all(background.splice(0));
  }
  await Promise.all(background);
  await Promise.all(users.map((user) => (user.isOpen ? undefined : user.open())));
  for (const user of users) user.add();
  await sleep(1000);
  console.log(`${JSON.stringify(counts)}, ${users.reduce((sum, { told }) => sum + told, 0)} counted`);

  const members = (await roomStub.getMembers()).map(({ userId }) => userId);
  const heardBefore = users.map(({ heard }) => heard);
  const delivered = await roomStub.broadcast("said", {});
  await sleep(500);
  const heard = users.map(({ heard }, index) => heard - (heardBefore[index] ?? 0));
  for (const user of users) user.kill();
  for (let waited = 0; waited < 100 && (await roomStub.getMemberCount()) > 0; waited++) await sleep(100);

  expect(users.flatMap(({ faults }) => faults)).toEqual([]);
  expect(members.toSorted()).toEqual(users.map(({ name }) => name).toSorted());
  expect(delivered).toBe(USERS);
  expect(heard).toEqual(users.map(() => 1));
  expect(await roomStub.getMembers()).toEqual([]);
});
