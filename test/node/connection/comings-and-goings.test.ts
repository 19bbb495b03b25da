// A user's object, its sockets and a room: whatever comes, goes, fails, hibernates and is destroyed in the middle of each other, they agree in the end.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ConnectionMeta, defineConnection } from "../../../packages/do-runtime/src/definition.ts";
import type { RoomPort, UserPort } from "../../../packages/do-runtime/src/ports.ts";
import { Room } from "../../../packages/do-runtime/src/room.ts";
import { RUNS } from "../../support/runs.ts";
import { FakeObject, type FakeSocket, installSockets } from "../support/sockets.ts";

let uninstall: () => void;
beforeAll(() => void (uninstall = installSockets()));
afterAll(() => uninstall());

const rounds = async (count: number): Promise<void> => {
  for (let round = 0; round < count; round++) await new Promise((resolve) => setImmediate(resolve));
};

const ACTS = [
  "connect",
  "connect",
  "connect",
  "fail to connect",
  "close",
  "join",
  "join",
  "leave",
  "count",
  "destroy",
  "be joined",
  "be put out",
  "hear a broadcast",
  "hibernate",
  "end",
  "end the room",
] as const;

const programs = fc.record({
  maxSockets: fc.integer({ min: 1, max: 3 }),
  /** How long each next call is on its way, there and back, and a hook takes. */
  delays: fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
  hookRounds: fc.nat(3),
  acts: fc.array(fc.tuple(fc.constantFrom(...ACTS), fc.nat(5), fc.nat(2)), {
    minLength: 6,
    maxLength: 16,
    size: "max",
  }),
});

type Program = typeof programs extends fc.Arbitrary<infer Value> ? Value : never;

class World {
  readonly object: FakeObject<{ n: number }>;
  readonly #room: Promise<Room<unknown, object>>;
  readonly #delays: number[];
  readonly #hookRounds: number;
  readonly failed = new Set<unknown>();
  readonly connected = new Set<unknown>();
  readonly closed = new Set<unknown>();
  /** Sockets whose onDisconnect ran, as often as it did. */
  readonly disconnected: unknown[] = [];
  /** How often it was counted since the object began. */
  counted = 0;
  #fails = false;
  #pending: Promise<unknown>[] = [];

  constructor({ maxSockets, delays, hookRounds }: Program) {
    this.#delays = [...delays];
    this.#hookRounds = hookRounds;
    const definition = defineConnection<ConnectionMeta, never, { n: number }>({
      maxSockets,
      state: { n: 0 },
      persistedKeys: ["n"],
      onConnect: (ctx) => this.#onConnect(ctx.ws),
      onDisconnect: (ctx) => {
        this.disconnected.push(ctx.ws);
        return rounds(hookRounds);
      },
      onDestroy: () => {
        this.counted = 0;
        return rounds(hookRounds);
      },
      onError() {},
    });
    definition.on("count", (ctx) => {
      this.counted++;
      ctx.state.n++;
    });
    definition.on("join", (ctx) => ctx.actor.joinRoom("attic"));
    definition.on("leave", (ctx) => ctx.actor.leaveRoom("attic"));
    definition.on("destroy", (ctx) => ctx.actor.destroy());
    const room: RoomPort = {
      join: (...call) => this.#travel(async () => (await this.#room).join(...call)),
      memberLeaves: (userId) => this.#travel(() => this.leave(userId)),
      broadcastFrame: async () => 0,
    };
    const user: UserPort = {
      deliverFrames: (frames) => this.#travel(async () => (await this.object.awake()).deliverFrames(frames)),
      leftRoom: (name) => this.#travel(async () => (await this.object.awake()).leftRoom(name)),
      wasPutOut: (name) => this.#travel(async () => (await this.object.awake()).wasPutOut(name)),
    };
    this.object = new FakeObject(definition, () => room);
    const hook = () => rounds(hookRounds);
    this.#room = Room.open(
      { onJoin: hook, onLeave: hook, onError() {} },
      { name: "attic", env: {}, storage: memoryStorage() as never, user: () => user },
    );
  }

  get open(): FakeSocket[] {
    return this.object.sockets.filter(({ readyState }) => readyState === 1);
  }

  async act([act, pause, which]: Program["acts"][number]): Promise<void> {
    const socket = this.open[which];
    if (act === "connect" || act === "fail to connect") {
      this.#fails = act !== "connect";
      this.#pending.push(this.object.connect());
    } else if (act === "hibernate") {
      await this.quiet();
      await this.object.hibernate();
    } else if (act === "end") this.#pending.push(this.object.awake().then((object) => object.destroy()));
    else if (act === "be joined")
      this.#pending.push(this.object.awake().then((object) => object.joinRoom("attic")));
    else if (act === "be put out") this.#pending.push(this.#room.then((room) => room.leave("ada")));
    else if (act === "end the room") this.#pending.push(this.#room.then((room) => room.destroy()));
    else if (act === "hear a broadcast") this.#pending.push(this.#room.then((room) => room.broadcast("x")));
    else if (socket !== undefined)
      this.#pending.push(act === "close" ? this.close(socket) : this.receive(socket, act));
    await rounds(pause);
  }

  async close(socket: FakeSocket): Promise<void> {
    const object = await this.object.awake();
    if (socket.readyState !== 1) return;
    socket.readyState = 2;
    this.closed.add(socket);
    await object.closed(socket as never, 1000, "");
  }

  async receive(socket: FakeSocket, type: string): Promise<void> {
    await (await this.object.awake()).receive(socket as never, JSON.stringify({ type }));
  }

  /** The room is told that a user has left. */
  async leave(userId: string): Promise<boolean> {
    return (await this.#room).memberLeaves(userId);
  }

  /** Whether the user's object, and the room, know of a membership. */
  async membership(): Promise<[boolean, boolean]> {
    const object = await this.object.awake();
    return [object.rooms.includes("attic"), await (await this.#room).hasMember("ada")];
  }

  async quiet(): Promise<void> {
    await Promise.all(this.#pending);
    this.#pending = [];
    await rounds(60);
  }

  async #onConnect(socket: unknown): Promise<void> {
    const fails = this.#fails;
    this.connected.add(socket);
    await rounds(this.#hookRounds);
    if (!fails) return;
    this.failed.add(socket);
    throw new Error("no luck");
  }

  async #travel<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    await rounds(this.#delays.shift() ?? 0);
    const answer = await call();
    await rounds(this.#delays.shift() ?? 0);
    return answer;
  }
}

const agree = (make: (program: Program) => World) =>
  fc.asyncProperty(programs, async (program) => {
    const world = make(program);
    for (const act of program.acts) await world.act(act);
    await world.quiet();

    expect(world.open.length).toBeLessThanOrEqual(program.maxSockets);
    const [isListed, isMember] = await world.membership();
    expect(isMember).toBe(isListed);
    if (world.open.length === 0) expect(isListed).toBe(false);
    // Who was connected and has gone by himself; where the object was destroyed, what waits then doesn't run.
    const gone = [...world.closed].filter(
      (socket) => world.connected.has(socket) && !world.failed.has(socket),
    );
    const isDestroyed = program.acts.some(([act]) => act === "end" || act === "destroy");
    if (!isDestroyed) expect(new Set(world.disconnected)).toEqual(new Set(gone));
    expect(world.disconnected.length).toBe(new Set(world.disconnected).size);
    expect(gone).toEqual(expect.arrayContaining(world.disconnected));

    await world.object.hibernate();
    const woken = await world.object.awake();
    expect([woken.state.n, woken.isConnected]).toEqual([world.counted, world.open.length > 0]);
    for (const socket of world.open) await world.close(socket);
    await world.quiet();
    expect(await world.membership()).toEqual([false, false]);
  });

it("[C5] [C14] [C17] [B4] [B6] [B8] agree on who is there, and on what is stored", async () => {
  await fc.assert(
    agree((program) => new World(program)),
    { numRuns: RUNS },
  );
});

/** Its room is told of no leaving: the call is answered as if it were. */
class Deaf extends World {
  override leave(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

/** Each message is handled twice. */
class Repeating extends World {
  override async receive(socket: FakeSocket, type: string): Promise<void> {
    await super.receive(socket, type);
    const { counted } = this;
    if (type === "count") await super.receive(socket, type);
    this.counted = counted;
  }
}

it.each([
  ["a room that does not hear who leaves", Deaf],
  ["a message that is handled twice", Repeating],
])("would catch %s", async (_, Broken) => {
  const asserted = fc.assert(
    agree((program) => new Broken(program)),
    { numRuns: RUNS, endOnFailure: true },
  );

  await expect(asserted).rejects.toThrow("Property failed");
});
