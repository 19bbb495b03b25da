// The law of test/node/connection/comings-and-goings.test.ts in real objects, whose sockets really hibernate and break; fewer runs, since each takes half a second.
import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import type { ConnectionStub, RoomStub } from "@dormouse/do-runtime";
import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { open, type TestSocket } from "./socket.ts";

const RUNS = 16;

const ACTS = [
  "connect",
  "connect",
  "connect",
  "close",
  "count",
  "count",
  "join",
  "join",
  "leave",
  "say",
  "hibernate",
  "crash",
  "be joined",
  "be put out",
  "end",
  "let the room sleep",
  "end the room",
] as const;

const programs = fc.array(
  fc.record({
    act: fc.constantFrom(...ACTS),
    who: fc.nat(1),
    room: fc.nat(1),
    socket: fc.nat(1),
    pauseMs: fc.nat(6),
  }),
  { minLength: 12, maxLength: 30, size: "max" },
);

type Act = typeof programs extends fc.Arbitrary<(infer One)[]> ? One : never;

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

const isOpen = ({ ws }: TestSocket): boolean => ws.readyState === WebSocket.READY_STATE_OPEN;

/** What a socket was told of the counting, in order. */
const countsTold = ({ received }: TestSocket): number[] =>
  received
    .map(({ data }) => data as Record<string, unknown> | undefined)
    .filter((data) => data?.["type"] === "counted")
    .map((data) => Number(data?.["n"]));

/** Has an object leave memory, unless it has not come into it. */
async function evict(
  stub: DurableObjectStub,
  webSockets: "hibernate" | "close" = "hibernate",
): Promise<void> {
  try {
    await evictDurableObject(stub, { webSockets });
  } catch (error) {
    if (!String(error).includes("it is not currently running")) throw error;
  }
}

/** Who asks for a socket while the object is being destroyed is refused. */
function unlessEnding(error: unknown): void {
  if (!String(error).includes("refused: 503")) throw error;
}

class Guest {
  readonly name: string;
  readonly stub: ConnectionStub & DurableObjectStub;
  readonly sockets: TestSocket[] = [];
  /** What was counted before an end that nobody waited for may be gone, or not. */
  isDestroyed = false;

  constructor(namespace: DurableObjectNamespace, name: string) {
    this.name = name;
    this.stub = namespace.getByName(name) as unknown as ConnectionStub & DurableObjectStub;
  }

  async connect(): Promise<TestSocket> {
    const socket = await open(this.stub);
    this.sockets.push(socket);
    return socket;
  }
}

let worlds = 0;

class World {
  readonly #namespace: DurableObjectNamespace;
  readonly #guests: readonly Guest[];
  readonly #rooms: readonly string[];
  readonly #pending: Promise<unknown>[] = [];
  #said = 0;

  constructor(namespace: DurableObjectNamespace) {
    worlds++;
    this.#namespace = namespace;
    this.#guests = ["ada", "bob"].map((name) => new Guest(namespace, `${name}-${worlds}`));
    this.#rooms = ["attic", "cellar"].map((name) => `${name}-${worlds}`);
  }

  #room(name: string): RoomStub & DurableObjectStub {
    return this.#namespace.getByName(`room:${name}`) as unknown as RoomStub & DurableObjectStub;
  }

  /** A call that a crash interrupts fails; what it was about must agree all the same. */
  #begin(call: Promise<unknown>): void {
    this.#pending.push(call.catch(() => {}));
  }

  async act({ act, who, room: which, socket: index, pauseMs }: Act): Promise<void> {
    const guest = this.#guests[who] as Guest;
    const name = this.#rooms[which] as string;
    const socket = guest.sockets.filter(isOpen)[index];
    if (act === "connect") await guest.connect().catch(unlessEnding);
    else if (act === "hibernate") await evict(guest.stub);
    else if (act === "crash") await evict(guest.stub, "close");
    else if (act === "let the room sleep") await evict(this.#room(name));
    else if (act === "be joined") this.#begin(guest.stub.joinRoom(name));
    else if (act === "be put out") this.#begin(this.#room(name).leave(guest.name));
    else if (act === "end the room") this.#begin(this.#room(name).destroy());
    else if (act === "end") {
      guest.isDestroyed = true;
      this.#begin(guest.stub.destroy());
    } else if (act === "close") socket?.close();
    else if (act === "count") socket?.send("count", pauseMs);
    else if (act === "say") socket?.send("say", { room: name, number: ++this.#said });
    else socket?.send(act, name);
    await sleep(pauseMs);
  }

  async check(): Promise<void> {
    await Promise.all(this.#pending);
    await sleep(50);
    for (const guest of this.#guests) {
      for (const socket of guest.sockets) {
        const counted = countsTold(socket);
        if (!guest.isDestroyed) expect(counted).toEqual(counted.toSorted((a, b) => a - b));
      }
      // Before it sleeps: what is told meanwhile is stored by then.
      await evict(guest.stub);
      const told = Math.max(0, ...guest.sockets.flatMap(countsTold));
      const { n } = await (await guest.connect()).event("hello");
      if (!guest.isDestroyed) expect(n).toBeGreaterThanOrEqual(told);
    }
    for (const { sockets } of this.#guests) for (const socket of sockets) if (isOpen(socket)) socket.close();
    await vi.waitFor(async () => expect(await this.#memberships()).toEqual([]), { timeout: 5000 });
  }

  /** What rooms and users know of each other. */
  async #memberships(): Promise<string[]> {
    const members = this.#rooms.map(async (name) =>
      (await this.#room(name).getMembers()).map(({ userId }) => `${name} has ${userId}`),
    );
    const rooms = this.#guests.map(async ({ name, stub }) =>
      (await stub.getRooms()).map((room) => `${name} is in ${room}`),
    );
    return (await Promise.all([...members, ...rooms])).flat();
  }
}

const law = (namespace: DurableObjectNamespace) =>
  fc.asyncProperty(programs, async (program) => {
    const world = new World(namespace);
    for (const act of program) await world.act(act);
    await world.check();
  });

it.each(["LawGuest", "LawGroupGuest"] as const)(
  "[C1] [C10] [C17] [B4] [B5] [B6] [B8] whatever comes, goes, sleeps, breaks and ends, nothing told is lost and nobody stays who has gone: %s",
  async (name) => {
    await fc.assert(law(env[name]), { numRuns: RUNS });
  },
);

it("[B4] is a law that finds out who forgets to leave", async () => {
  const outcome = await fc.check(law(env.LawForgetfulGuest), { numRuns: RUNS, endOnFailure: true });

  expect(String(outcome.errorInstance)).toMatch(/has (ada|bob).* to deeply equal \[\]/);
});
