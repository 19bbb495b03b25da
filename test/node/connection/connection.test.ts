// What a user's object holds of the messages that wait, and whom it tells of failures; test/workerd/connection shows all else of it.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { type ConnectionSurroundings, UserConnection } from "../../../packages/do-runtime/src/connection.ts";
import {
  type Connection,
  type ConnectionMeta,
  defineConnection,
} from "../../../packages/do-runtime/src/definition.ts";
import { toError } from "../../../packages/do-runtime/src/errors.ts";
import { payload } from "../../../packages/do-runtime/src/contract.ts";
import { collectUntil } from "../../support/collect.ts";

/** A socket that hibernated, on which nothing is received. */
function hibernated() {
  const sent: string[] = [];
  const codes: number[] = [];
  let attachment: unknown = {
    meta: { userId: "ada", clientId: "", channels: [] },
    connectedAt: 0,
    ended: false,
  };
  const ws = {
    readyState: 1,
    deserializeAttachment: () => attachment,
    serializeAttachment: (value: unknown) => void (attachment = structuredClone(value)),
    send: (frame: string) => void sent.push(frame),
    close: (code: number) => void codes.push(code),
  };
  return { sent, codes, attachment: () => attachment, ws: ws as unknown as WebSocket };
}

/** A user's object whose sockets have hibernated. */
function openWith<State extends object>(
  definition: Connection<ConnectionMeta, never, State>,
  sockets: readonly WebSocket[],
  named: { readonly userId?: string } = { userId: "ada" },
) {
  const state = { storage: memoryStorage(), getWebSockets: () => sockets };
  const around = { ...named, state, env: {}, actor: {} };
  return UserConnection.open(definition, around as unknown as ConnectionSurroundings<never>);
}

async function open() {
  const { sent, ws } = hibernated();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const lengths: number[] = [];
  const definition = defineConnection<ConnectionMeta, never>({});
  definition.on("wait", () => released);
  definition.on<unknown[]>("list", (_ctx, list) => void lengths.push(list.length));
  const connection = await openWith(definition, [ws]);
  return {
    receive: (message: string | ArrayBuffer) => connection.receive(ws, message),
    release,
    lengths,
    sent,
  };
}

const heldBytes = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;

it("[W4] messages that wait take no more memory than their text, whatever is in it", async () => {
  const { receive, release, lengths, sent } = await open();
  const list = `{"type":"list","data":[${"{},".repeat(300_000)}{}]}`;
  const done = [receive('{"type":"wait"}')];
  await collectUntil(() => false);
  const before = heldBytes();

  for (let i = 0; i < 8; i++) done.push(receive(list));
  for (let i = 0; i < 8; i++) done.push(receive(new ArrayBuffer(4_000_000)));
  // What the buffers held is given back by another thread, a little after they were collected.
  const isLittle = await collectUntil(() => heldBytes() - before < 10_000_000);
  const early = [...sent];
  done.push(receive(`{"type":"ping","pad":"${"x".repeat(100)}"}`), receive('{ "type": "ping" }'));
  const pongs = sent.length;
  release();
  await Promise.all(done);

  expect(isLittle).toBe(true);
  expect(lengths).toEqual(Array(8).fill(300_001));
  expect(early).toEqual([]);
  // The short one was answered at once.
  expect(pongs).toBe(1);
  expect(sent.filter((frame) => frame.includes("pong"))).toHaveLength(2);
  expect(sent.filter((frame) => frame.includes("BINARY_REFUSED"))).toHaveLength(8);
});

it("[W4] what has been handled doesn't wait any more", async () => {
  const { sent, codes, ws } = hibernated();
  const definition = defineConnection<ConnectionMeta, never>({ maxQueuedLength: 2000 });
  definition.on("x", () => sleep(1));
  const connection = await openWith(definition, [ws]);
  const x = `{"type":"x","pad":"${"x".repeat(800)}"}`;

  for (let round = 0; round < 4; round++)
    await Promise.all([connection.receive(ws, x), connection.receive(ws, x)]);

  expect([sent, codes]).toEqual([[], []]);
});

it("[W4] a message longer than may wait is handled where nothing is under way", async () => {
  const { sent, codes, ws } = hibernated();
  const definition = defineConnection<ConnectionMeta, never>({ maxQueuedLength: 600 });
  const lengths: number[] = [];
  definition.on<string>("x", (_ctx, text) => void lengths.push(text.length));
  const connection = await openWith(definition, [ws]);

  await connection.receive(ws, JSON.stringify({ type: "x", data: "x".repeat(2000) }));

  expect([lengths, sent, codes]).toEqual([[2000], [], []]);
});

it("[C20] an event that every object has a property of is one that the contract doesn't know", async () => {
  const { sent, ws } = hibernated();
  const heard: unknown[] = [];
  const definition = defineConnection({
    events: { client: { say: payload<string>() }, server: {} },
    onMessage: (_ctx, { type, data }) => void heard.push([type, data]),
  });
  const connection = await openWith(definition as never, [ws]);

  await connection.receive(ws, '{"type":"toString","data":1}');

  expect([heard, sent]).toEqual([[["toString", 1]], []]);
});

it.each([
  [4001, 4001],
  [1005, 1000],
  [1006, 1000],
  [1015, 1000],
])("[C17] a close with %i is answered with %i", async (code, answer) => {
  const { codes, ws } = hibernated();
  const connection = await openWith(defineConnection<ConnectionMeta, never>({}), [ws]);

  await connection.closed(ws, code, "");

  expect(codes).toEqual([answer]);
});

it("[C18] an object reached by an id without a name knows after hibernation whose it is", async () => {
  const { ws } = hibernated();

  const connection = await openWith(defineConnection<ConnectionMeta, never>({}), [ws], {});

  expect(connection.userId).toBe("ada");
});

it("[W2] an error names no more of an event than it takes to know it", async () => {
  const { sent, ws } = hibernated();
  const connection = await openWith(defineConnection<ConnectionMeta, never>({}), [ws]);

  await connection.receive(ws, JSON.stringify({ type: "x".repeat(500_000) }));

  expect(JSON.parse(sent[0] ?? "")).toMatchObject({ code: "UNKNOWN_EVENT", event: "x".repeat(100) });
});

it("[C13] flush() rejects where the metadata can't be kept", async () => {
  const { sent, ws } = hibernated();
  const definition = defineConnection<ConnectionMeta, never>({});
  definition.on("outgrow", async (ctx) => {
    (ctx.meta as { run?: unknown }).run = () => 1;
    const outcome = await ctx.flush().catch((error: { code: string }) => error.code);
    ctx.emit.emit("outcome", { outcome });
  });
  const connection = await openWith(definition, [ws]);

  await connection.receive(ws, '{"type":"outgrow"}');

  expect(sent).toEqual([expect.stringContaining('"outcome":"INVALID_META"')]);
});

it("[C5] [C13] metadata that a handler changes after its socket has gone don't bring it back", async () => {
  const { ws, attachment } = hibernated();
  const { promise: gone, resolve: goes } = Promise.withResolvers<void>();
  const definition = defineConnection<ConnectionMeta, never>({});
  definition.on("late", async (ctx) => {
    await gone;
    ctx.meta.channels.push("late");
  });
  const connection = await openWith(definition, [ws]);
  const handled = connection.receive(ws, '{"type":"late"}');

  const closed = connection.closed(ws, 1000, "");
  goes();
  await Promise.all([handled, closed]);

  expect(attachment()).toMatchObject({ ended: true });
});

const TOO_LARGE = "x".repeat(3_000_000);

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

/** Two sockets of a user, whose handlers change what can't be stored; `told` is what each was told, in short. */
async function openUnsaved(commit: "turn" | "group") {
  const sockets = [hibernated(), hibernated()] as const;
  const heard: string[] = [];
  const late: string[] = [];
  const definition = defineConnection<ConnectionMeta, never, { a: string; b: string }>({
    commit,
    state: { a: "", b: "" },
    persistedKeys: ["a", "b"],
    onPersistError() {},
    onError: (error) => void heard.push(error.message),
  });
  definition.on("good", (ctx) => {
    ctx.state.a = "small";
    ctx.emit.emit("stored");
  });
  definition.on("bad", (ctx) => {
    ctx.state.b = TOO_LARGE;
    ctx.emit.emit("stored");
  });
  definition.on("silently bad", (ctx) => {
    ctx.state.b = TOO_LARGE;
  });
  definition.on("bad, and tells twice", async (ctx) => {
    ctx.state.b = `${TOO_LARGE}, twice`;
    ctx.emit.emit("under way");
    await sleep(30);
    ctx.emit.emit("stored");
  });
  definition.on("bad, and tells early", async (ctx) => {
    ctx.state.b = `${TOO_LARGE}, early`;
    ctx.emit.emit("under way");
    await sleep(30);
  });
  definition.on("bad, and mends it", async (ctx) => {
    ctx.state.b = `${TOO_LARGE}, mended`;
    try {
      await ctx.flush();
    } catch {
      ctx.state.b = "small";
      await ctx.emit.emit("mended");
    }
  });
  definition.on("bad, and tells later", async (ctx) => {
    ctx.state.a = TOO_LARGE;
    // Until the commit has failed.
    await sleep(30);
    ctx.emit.emit("stored");
  });
  definition.on("bad, and throws, and tells later", async (ctx) => {
    ctx.state.a = TOO_LARGE;
    // Until the commit has failed.
    await sleep(30);
    setTimeout(() => {
      try {
        ctx.emit.emit("stored");
      } catch (error) {
        late.push(toError(error).message);
      }
    }, 5);
    throw new Error("broken");
  });
  const connection = await openWith(
    definition,
    sockets.map(({ ws }) => ws),
  );
  const receive = (socket: 0 | 1, type: string) =>
    connection.receive(sockets[socket].ws, JSON.stringify({ type }));
  const told = (socket: 0 | 1) =>
    sockets[socket].sent.map((text) => {
      const frame = JSON.parse(text) as { code?: string; event?: string; data?: { type: string } };
      return frame.code === undefined ? frame.data?.type : `${frame.code} ${frame.event}`;
    });
  return { receive, told, heard, late };
}

it("[C7] a handler hears of its unsaved change, though the one before it has heard of it already", async () => {
  const { receive, told } = await openUnsaved("group");

  await Promise.all([receive(0, "good"), receive(0, "bad, and tells later")]);

  expect(told(0)).toEqual(["NOT_SAVED good", "NOT_SAVED bad, and tells later"]);
});

it.each([
  ["turn", "bad"],
  ["turn", "silently bad"],
  ["group", "bad"],
  ["group", "silently bad"],
] as const)(
  "[C7] a handler hears of its unsaved change, though another's before it is still to be told: %s, %s",
  async (commit, event) => {
    const { receive, told } = await openUnsaved(commit);
    const first = receive(0, "bad, and tells later");
    await sleep(10);

    await receive(1, event);
    await first;
    await sleep(10);

    expect(told(1)).toEqual([`NOT_SAVED ${event}`]);
    expect(told(0)).toEqual(["NOT_SAVED bad, and tells later"]);
  },
);

it.each(["turn", "group"] as const)(
  "[C7] a handler that doesn't await what it sends hears of its unsaved change all the same: %s",
  async (commit) => {
    const { receive, told } = await openUnsaved(commit);

    for (const event of ["bad, and tells twice", "bad, and tells early", "bad, and mends it"])
      await receive(0, event);
    await sleep(10);

    expect(told(0)).toEqual(["NOT_SAVED bad, and tells twice", "NOT_SAVED bad, and tells early", "mended"]);
  },
);

it("[C7] what a handler that has thrown left behind tells of no success, though its client has heard of the throw", async () => {
  const { receive, told, late } = await openUnsaved("group");

  await receive(0, "bad, and throws, and tells later");
  await sleep(20);

  expect(told(0)).toEqual(["HANDLER_FAILED bad, and throws, and tells later"]);
  expect(late).toEqual([expect.stringContaining('"a" takes 3000')]);
});

it("[C7] onError hears of a failure once, whoever else hears of it, and when", async () => {
  const { receive, heard } = await openUnsaved("group");

  await receive(0, "bad, and tells early");

  expect(heard).toEqual([expect.stringContaining('"b" takes 3000')]);
});

it("the state in a context can't be replaced by another object, which nobody would store", async () => {
  const { ws } = hibernated();
  const errors: unknown[] = [];
  const definition = defineConnection<ConnectionMeta, never, { count: number }>({
    state: { count: 0 },
    persistedKeys: ["count"],
    onError: (error: Error) => void errors.push(error),
  });
  definition.on("replace", (ctx) => void Object.assign(ctx, { state: { count: 5 } }));
  definition.on("count", ({ state }) => void state.count++);
  const connection = await openWith(definition, [ws]);

  for (const type of ["replace", "count"]) await connection.receive(ws, JSON.stringify({ type }));
  const replacing = connection.run((ctx) => Object.assign(ctx, { state: { count: 5 } }));

  await expect(replacing).rejects.toThrow(TypeError);
  expect(errors).toEqual([expect.any(TypeError)]);
  expect(connection.state).toEqual({ count: 1 });
});
