// Whatever handlers of several sockets change at once: none is told that its change is saved which isn't.
import * as fc from "fast-check";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { type ConnectionSurroundings, UserConnection } from "../../../packages/do-runtime/src/connection.ts";
import {
  type ConnectionContext,
  type ConnectionMeta,
  defineConnection,
} from "../../../packages/do-runtime/src/definition.ts";
import { RUNS } from "../../support/runs.ts";

type State = Record<string, unknown>;
type Context = ConnectionContext<ConnectionMeta, never, State>;

/** More than a key of a KV-backed object takes. */
const TOO_LARGE = "x".repeat(140_000);

const unstorable = {
  large: () => TOO_LARGE,
  /** Seen to be one only when storage is given it. */
  foreign: () => ({ proxy: new Proxy({}, {}) }),
};

const rounds = async (count: number): Promise<void> => {
  for (let round = 0; round < count; round++) await new Promise((resolve) => setImmediate(resolve));
};

const programs = fc.record({
  backend: fc.constantFrom("kv" as const, "sqlite" as const),
  commit: fc.constantFrom("turn" as const, "group" as const),
  messages: fc.array(
    fc.record({
      socket: fc.constantFrom<0 | 1>(0, 1),
      value: fc.constantFrom<"storable" | keyof typeof unstorable>(
        "storable",
        "storable",
        "large",
        "foreign",
      ),
      /** Storage rejects the next write after the change. */
      isRejected: fc.boolean(),
      /** Rounds of the event loop before the change, between it and the reply, after that, and until the next message. */
      pauses: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3), fc.nat(3)),
      flushes: fc.boolean(),
      awaits: fc.boolean(),
      replies: fc.boolean(),
      repliesAgain: fc.boolean(),
      /** Opens a transaction of so many rounds after the first reply. */
      transaction: fc.constantFrom(0, 0, 1, 2, 4),
    }),
    { minLength: 1, maxLength: 8 },
  ),
});

function hibernated(onSend: (frame: string) => void) {
  const sent: string[] = [];
  const meta = { userId: "ada", clientId: "", channels: [] };
  const ws = {
    readyState: 1,
    deserializeAttachment: () => ({ meta, connectedAt: 0, ended: false }),
    serializeAttachment() {},
    send(frame: string) {
      sent.push(frame);
      onSend(frame);
    },
    close() {},
  };
  return { sent, ws: ws as unknown as WebSocket };
}

type Program = typeof programs extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const message: Program["messages"][number] = {
  socket: 0,
  value: "large",
  isRejected: false,
  pauses: [0, 0, 0, 0],
  flushes: false,
  awaits: false,
  replies: true,
  repliesAgain: false,
  transaction: 0,
};

const stored: typeof message = { ...message, value: "storable" };
/** Changes that were stored, whose replies were lost without a word: for what others had been told of, and then for a later one's failure. */
const lostReplies: [Program][] = [
  [{ backend: "kv", commit: "turn", messages: [message, stored, message] }],
  [
    {
      backend: "kv",
      commit: "turn",
      messages: [
        { ...stored, socket: 1, pauses: [0, 1, 0, 0] },
        { ...stored, socket: 1 },
        { ...message, socket: 1 },
        { ...message, replies: false },
      ],
    },
  ],
];

const property = (reply: (ctx: Context, number: number) => Promise<boolean>) =>
  fc.asyncProperty(programs, async ({ backend, commit, messages }) => {
    const storage = memoryStorage({ backend });
    /** Said to be saved before it was. */
    const early: number[] = [];
    const onSend = (frame: string) => {
      const { payload } = JSON.parse(frame) as { payload?: number };
      if (payload !== undefined && storage.rows().get(`_verani_persist:k${payload}`) !== `${payload}`)
        early.push(payload);
    };
    const sockets = [hibernated(onSend), hibernated(onSend)] as const;
    let rejections = 0;
    storage.failWhen(({ method }) => method === "put" && rejections-- > 0);
    const keys = messages.map((_, number) => `k${number}`);
    const definition = defineConnection<ConnectionMeta, never, State>({
      commit,
      state: Object.fromEntries(keys.map((key) => [key, ""])),
      persistedKeys: keys,
      onPersistError() {},
      onError() {},
    });
    definition.on<number>("change", async (ctx, number) => {
      const message = messages[number];
      if (message === undefined) return;
      await rounds(message.pauses[0]);
      ctx.state[`k${number}`] =
        message.value === "storable"
          ? `${number}`
          : unstorable[backend === "kv" ? message.value : "foreign"]();
      rejections = message.isRejected ? 1 : 0;
      await rounds(message.pauses[1]);
      if (message.flushes) await ctx.flush();
      if (!message.replies) return;
      const replied = reply(ctx, number);
      if (message.transaction > 0) void storage.transaction(() => rounds(message.transaction));
      if (message.awaits) await replied;
      await rounds(message.pauses[2]);
      if (message.repliesAgain) reply(ctx, number);
    });
    const state = { storage, getWebSockets: () => sockets.map(({ ws }) => ws) };
    const around = { userId: "ada", state, env: {}, actor: {} };
    const connection = await UserConnection.open(
      definition,
      around as unknown as ConnectionSurroundings<never>,
    );
    const handled: Promise<void>[] = [];
    for (const [number, { socket, pauses }] of messages.entries()) {
      handled.push(connection.receive(sockets[socket].ws, `{"type":"change","data":${number}}`));
      await rounds(pauses[3]);
    }
    await Promise.all(handled);
    await new Promise((resolve) => setTimeout(resolve, 2));
    await rounds(6);

    for (const [which, { sent }] of sockets.entries()) {
      const mine = messages.map((message, number) => ({ ...message, number }));
      const own = mine.filter(({ socket }) => socket === which);
      const frames = sent.map((text) => JSON.parse(text) as { code?: string; payload?: number });
      const saved = frames.flatMap(({ payload }) => payload ?? []);
      const unsaved = frames.filter(({ code }) => code === "NOT_SAVED").length;
      expect(early).toEqual([]);
      // Who replies is answered in one way or the other, and who can't be stored by an error, replying or not.
      expect(new Set(saved).size + unsaved).toBeGreaterThanOrEqual(
        own.filter(({ replies }) => replies).length,
      );
      expect(unsaved).toBeGreaterThanOrEqual(own.filter(({ value }) => value !== "storable").length);
      expect(saved.length + unsaved).toBe(frames.length);
    }
    const refusesFlush =
      messages.some(({ flushes }) => flushes) && messages.some(({ transaction }) => transaction > 0);
    const isQuiet =
      !refusesFlush && messages.every(({ value, isRejected }) => value === "storable" && !isRejected);
    if (isQuiet)
      expect(sockets.flatMap(({ sent }) => sent.filter((text) => text.includes("code")))).toEqual([]);
  });

it("[C7] no change that isn't saved is reported as saved, and each is reported, whoever runs at once", async () => {
  await fc.assert(
    property((ctx, number) => ctx.emit.emit("saved", number)),
    { numRuns: RUNS, examples: lostReplies },
  );
});

it("finds a handler whose reply doesn't wait", async () => {
  const found = await fc.check(
    property(async (ctx, number) => {
      ctx.ws.send(JSON.stringify({ type: "event", data: { type: "saved" }, payload: number }));
      return true;
    }),
    { numRuns: RUNS },
  );
  expect(found.failed).toBe(true);
});
