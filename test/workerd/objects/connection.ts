// The connections and rooms under test, beside the seed's own programs.
import {
  ConnectionError,
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
  PersistError,
  type RoomStub,
} from "@dormouse/do-runtime";
import { DurableObject, env } from "cloudflare:workers";
import { contract } from "./contract.ts";
import { see } from "./seen.ts";

export * from "./seed/basic.ts";
export * from "./seed/both.ts";
export * from "./seed/deep.ts";
export * from "./seed/direct.ts";
export * from "./seed/errors.ts";
export * from "./seed/shallow.ts";

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

const counter = defineConnection({
  name: "CounterConnection",
  state: { count: 0, log: [], label: "default" } as { count: number; log: string[]; label?: string },
  persistedKeys: ["count", "log", "label"],
  onConnect(ctx) {
    ctx.emit.emit("welcome", { count: ctx.state.count });
  },
  onDisconnect(ctx) {
    see(ctx.meta.userId, `disconnected ${ctx.meta.clientId === "" ? "nobody" : ctx.meta.userId}`);
  },
  async onHibernationRestore(actor) {
    see(actor.getUserId(), "restored");
    if (actor.getUserId() === "badly-restored") throw new Error("restored badly");
    if (actor.getUserId() === "greeter") {
      const room = env.CounterConnection.getByName("room:greeted") as unknown as RoomStub;
      await room.broadcast("back");
      await sleep(20);
      see("greeter", "greeted");
    }
  },
  onDestroy(ctx) {
    see(ctx.actor.getUserId(), `destroyed at ${ctx.state.count}`);
  },
  onError(error, ctx) {
    see(ctx.meta.userId, `error ${error.message}`);
  },
});
counter.on("add", async (ctx) => {
  ctx.state.count++;
  ctx.emit.emit("count", { count: ctx.state.count });
});
counter.on("addSlowly", async (ctx) => {
  const { count } = ctx.state;
  await sleep(2);
  ctx.state.count = count + 1;
  ctx.emit.emit("count", { count: ctx.state.count });
});
counter.on("fail", async (ctx) => {
  ctx.state.count = 99;
  throw new Error("the secret is 42");
});
counter.on("echo", async (ctx, data) => {
  ctx.emit.emit("echo", data);
});
counter.on("setChannels", async (ctx, data) => {
  ctx.meta.channels = data;
  ctx.emit.emit("set");
});
counter.on("pushChannel", async (ctx, data) => {
  ctx.meta.channels.push(data);
});
counter.on("readMeta", async (ctx) => {
  ctx.emit.emit("meta", { channels: ctx.meta.channels, userId: ctx.meta.userId });
});
counter.on("label", async (ctx, data) => {
  if (data === null) delete ctx.state.label;
  else if (data !== undefined) ctx.state.label = data;
  ctx.emit.emit("label", { label: ctx.state.label ?? "none", has: "label" in ctx.state });
});
counter.on("join", async (ctx, { room }) => {
  await ctx.actor.joinRoom(room, { name: ctx.meta.userId });
  ctx.emit.emit("joined", { rooms: ctx.actor.getRooms() });
});
counter.on("leave", async (ctx, { room }) => {
  await ctx.actor.leaveRoom(room);
  ctx.emit.emit("left", { rooms: ctx.actor.getRooms() });
});
counter.on("say", async (ctx, { room, text, includeSelf = false }) => {
  ctx.state.count++;
  const delivered = await ctx.emit.toRoom(room, { includeSelf }).emit("said", { text });
  ctx.emit.emit("delivered", { delivered });
});
counter.on("tell", async (ctx, { to, text }) => {
  const sockets = await ctx.emit.to(to).emit("told", { text });
  ctx.emit.emit("delivered", { delivered: sockets });
});
export const CounterConnection = createConnectionHandler(counter);

const tabs = defineConnection({
  name: "TabsConnection",
  maxSockets: 2,
  maxMessageBytes: 1000,
  maxQueuedLength: 1500,
  onError(error, ctx) {
    see(ctx.meta.userId, error.message);
  },
});
tabs.on("tell", async (ctx, { to, text }) => {
  await ctx.emit.toUser(to).emit("told", { text });
});
tabs.on("hangUp", (ctx) => {
  ctx.ws.close(4000, "hung up");
});
tabs.on("bigint", async (ctx) => {
  ctx.emit.emit("bigint", { n: 1n });
});
tabs.on("sleep", async () => {
  await sleep(100);
});
tabs.on("join", async (ctx, { room }) => {
  await ctx.actor.joinRoom(room);
  ctx.emit.emit("joined");
});
tabs.onMessage = (ctx, frame) => {
  ctx.emit.emit("fallback", frame);
};
export const TabsConnection = createConnectionHandler(tabs);

const deep = defineConnection({
  name: "DeepConnection",
  state: {
    board: { cards: [{ done: 0 }], byName: new Map<string, { hits: number }>() },
    kept: {} as Record<string, unknown>,
    date: new Date(0),
    tags: new Set<string>(),
  },
  persistedKeys: ["board", "kept", "date", "tags"],
  persistOptions: { shallow: false },
});
deep.on("work", async (ctx) => {
  const { board } = ctx.state;
  const card = board.cards[0];
  if (card !== undefined) card.done++;
  const hits = board.byName.get("a");
  if (hits === undefined) board.byName.set("a", { hits: 1 });
  else hits.hits++;
  ctx.emit.emit("board", { done: card?.done, hits: board.byName.get("a")?.hits });
});
deep.on("methods", async (ctx) => {
  ctx.state.board.cards.push({ done: 7 });
  ctx.state.tags.add("new");
  ctx.state.date.setFullYear(2030);
  ctx.emit.emit("methods", { isSame: ctx.state.board === ctx.state.board });
});
deep.on("readMethods", async (ctx) => {
  const { board, tags, date } = ctx.state;
  ctx.emit.emit("methods", { cards: board.cards, tags: [...tags], year: date.getFullYear() });
});
deep.on("keep", async (ctx) => {
  const shared = { n: 1 };
  ctx.state.kept = {
    date: new Date(5),
    looksLikeDate: { __type: "Date", value: "not one" },
    big: 12n,
    minusZero: -0,
    nan: Number.NaN,
    nothing: undefined,
    bytes: new Uint8Array([1, 2, 3]),
    map: new Map([["k", new Set([1])]]),
    first: shared,
    second: shared,
  };
  ctx.emit.emit("done");
});
deep.on("readKept", async (ctx) => {
  const { kept } = ctx.state;
  ctx.emit.emit("kept", {
    date: kept["date"] instanceof Date && kept["date"].getTime(),
    looksLikeDate: kept["looksLikeDate"],
    big: String(kept["big"]),
    minusZero: Object.is(kept["minusZero"], -0),
    nan: Number.isNaN(kept["nan"]),
    nothing: "nothing" in kept && kept["nothing"] === undefined,
    bytes: kept["bytes"] instanceof Uint8Array && [...kept["bytes"]],
    map: kept["map"] instanceof Map && [...(kept["map"].get("k") as Set<number>)],
    sharing: kept["first"] === kept["second"],
  });
});
export const DeepConnection = createConnectionHandler(deep);

const TOO_LARGE = "x".repeat(3_000_000);
type Large = string | number;

const strict = defineConnection({
  name: "StrictConnection",
  state: { a: 0 as Large, b: 0 as Large, c: 0 as Large },
  persistedKeys: ["a", "b", "c"],
  onPersistError() {},
  onError(error, ctx) {
    see(
      ctx.meta.userId,
      error instanceof PersistError ? `error ${error.code} ${error.key}` : `error ${error.message}`,
    );
  },
});
strict.on("unsaved", async (ctx) => {
  ctx.state.a = TOO_LARGE;
  await ctx.emit.emit("ok");
});
strict.on("foreignProxy", async (ctx) => {
  (ctx.state as { a: unknown }).a = { nested: new Proxy({}, {}) };
  await ctx.emit.emit("ok");
});
strict.on("unsavedNoAwait", async (ctx) => {
  ctx.state.a = `${TOO_LARGE}, not awaited`;
  ctx.emit.emit("ok");
});
strict.on("unsavedSilently", async (ctx) => {
  ctx.state.a = `${TOO_LARGE}, silently`;
});
strict.on("catches", async (ctx) => {
  ctx.state.a = TOO_LARGE;
  try {
    await ctx.flush();
  } catch (error) {
    const isPersistError = error instanceof PersistError;
    ctx.state.a = 0;
    ctx.emit.emit("caught", { isPersistError, key: isPersistError ? error.key : "" });
  }
});
strict.on("three", async (ctx, { fail }) => {
  ctx.state.a = 1;
  ctx.state.b = fail ? TOO_LARGE : 1;
  ctx.state.c = 1;
});
strict.on("write", async (ctx, { times, value }) => {
  for (let i = 0; i < times; i++) {
    ctx.state.a = value ?? i;
    ctx.state.b = value ?? i;
    ctx.state.c = value ?? i;
  }
  ctx.emit.emit("ok");
});
strict.on("transaction", async (ctx) => {
  ctx.transaction(() => {
    ctx.state.a = 100;
    ctx.state.b = 100;
    throw new Error("in the middle");
  });
});
strict.on("read", async (ctx) => {
  const { a, b, c } = ctx.state;
  ctx.emit.emit("state", { a, b, c });
});
export const StrictConnection = createConnectionHandler(strict);

const pair = defineConnection({
  name: "PairConnection",
  maxSockets: 2,
  state: { a: 0 as Large },
  persistedKeys: ["a"],
  onConnect(ctx) {
    if (ctx.meta.userId === "unsaved-at-once") ctx.state.a = TOO_LARGE;
  },
  onPersistError() {},
  onError() {},
});
pair.on("unsavedSlowly", async (ctx) => {
  ctx.emit.emit("started");
  ctx.state.a = TOO_LARGE;
  await sleep(30);
  await ctx.emit.emit("saved");
});
pair.on("ask", async (ctx) => {
  await ctx.emit.emit("answer");
});
export const PairConnection = createConnectionHandler(pair);

const group = defineConnection({
  name: "GroupConnection",
  commit: "group",
  state: { count: 0 as Large, lastSeen: 0 as Large },
  persistedKeys: ["count", "lastSeen"],
  onPersistError() {},
  onError(error, ctx) {
    see(ctx.meta.userId, `error ${error.name}`);
  },
});
group.on("add", async (ctx) => {
  ctx.state.count = Number(ctx.state.count) + 1;
  ctx.emit.emit("count", { count: ctx.state.count });
});
group.on("unsaved", async (ctx) => {
  ctx.state.count = TOO_LARGE;
  ctx.emit.emit("ok");
});
group.on("alsoUnsaved", async (ctx) => {
  ctx.state.lastSeen = TOO_LARGE;
  ctx.emit.emit("ok");
});
group.on("say", async (ctx, { room }) => {
  ctx.state.count = Number(ctx.state.count) + 1;
  await ctx.emit.toRoom(room, { includeSelf: true }).emit("said", { count: ctx.state.count });
});
group.on("join", async (ctx, { room }) => {
  await ctx.actor.joinRoom(room);
  ctx.emit.emit("joined");
});
export const GroupConnection = createConnectionHandler(group);

/** No structured clone keeps what a class gives its instances. */
class Visitor {
  readonly clientId = "c";
  readonly channels = [];
  readonly #userId: string;

  constructor(userId: string) {
    this.#userId = userId;
  }

  get userId(): string {
    return this.#userId;
  }
}

const token = defineConnection({
  name: "TokenConnection",
  async extractMeta(request) {
    const { searchParams } = new URL(request.url);
    await sleep(0);
    switch (searchParams.get("token")) {
      case "bad":
        throw new Error("the token is bad");
      case "banned":
        throw new Response("Banned", { status: 403 });
      case "typed":
        return {
          userId: searchParams.get("user") ?? "",
          clientId: "c",
          channels: [],
          since: new Date(5),
          rights: new Set(["read"]),
        };
      case "large":
        return { userId: searchParams.get("user") ?? "", clientId: "c", channels: ["x".repeat(20_000)] };
      case "instance":
        return new Visitor(searchParams.get("user") ?? "");
      case "uncloneable":
        return { userId: searchParams.get("user") ?? "", clientId: "c", channels: [], run: () => 1 };
    }
    return { userId: searchParams.get("user") ?? "", clientId: "c", channels: ["default"] };
  },
  async onConnect(ctx) {
    if (ctx.meta.userId === "unlucky-guest") await ctx.actor.joinRoom("unlucky");
    if (ctx.meta.userId.startsWith("unlucky")) throw new Error("no luck");
  },
  onDisconnect(ctx) {
    see(ctx.meta.userId, "disconnected");
  },
});
token.on("types", async (ctx) => {
  const { since, rights } = { since: undefined, rights: undefined, ...ctx.meta };
  ctx.emit.emit("types", {
    since: (since as unknown) instanceof Date,
    rights: (rights as unknown) instanceof Set,
  });
});
token.on("who", async (ctx) => {
  ctx.emit.emit("you", { userId: ctx.meta.userId });
});
export const TokenConnection = createConnectionHandler(token);

// The same program on an object of the older, KV-backed kind ("new_classes").
const kv = defineConnection({ name: "KvConnection", state: { count: 0 }, persistedKeys: ["count"] });
kv.on("add", async (ctx) => {
  ctx.state.count++;
  ctx.emit.emit("count", { count: ctx.state.count });
});
export const KvConnection = createConnectionHandler(kv);

const typed = defineConnection({
  name: "TypedConnection",
  events: contract,
  state: { total: 0 },
  persistedKeys: ["total"],
});
typed.on("add", async (ctx, { amount }) => {
  ctx.state.total += amount;
  ctx.emit.emit("total", { total: ctx.state.total });
});
export const TypedConnection = createConnectionHandler(typed);

const guest = defineConnection({
  name: "RoomGuest",
  rooms: { chat: "ChatRoom", strict: "ChatRoom", lost: "NoSuchBinding", wrong: "PlainObject" },
  onError(error, ctx) {
    see(ctx.meta.userId, error instanceof ConnectionError ? `${error.code} ${error.message}` : error.message);
  },
});
guest.on("join", async (ctx, { room, metadata }) => {
  ctx.emit.emit("joined", { isMember: await ctx.actor.joinRoom(room, metadata) });
});
guest.on("leave", async (ctx, { room }) => {
  await ctx.actor.leaveRoom(room);
  ctx.emit.emit("left");
});
guest.on("say", async (ctx, { room, text, includeSelf = true }) => {
  const delivered = await ctx.emit.toRoom(room, { includeSelf }).emit("said", { text });
  ctx.emit.emit("delivered", { delivered });
});
export const RoomGuest = createConnectionHandler(guest);

export const ChatRoom = createRoomHandler({
  name: "ChatRoom",
  connectionBinding: "RoomGuest",
  state: { joins: 0, topic: "none", inits: 0 },
  persistedKeys: ["joins", "topic"],
  onInit(room) {
    room.state.inits++;
    see(room.name, "init");
  },
  async onJoin(room, member) {
    if (member.userId.startsWith("refused")) throw new Error("not in here");
    room.state.joins++;
    await room.broadcast("joined", { userId: member.userId }, { exceptUserId: member.userId });
  },
  async onLeave(room, member, reason) {
    see(room.name, `${member.userId} ${reason}`);
  },
  onDestroy(room) {
    see(room.name, `destroyed with ${room.getMembers().length}`);
  },
  onError(error, room) {
    see(room.name, `error ${error.message}`);
  },
});

export class PlainObject extends DurableObject {
  override async fetch(): Promise<Response> {
    return new Response("plain");
  }

  sizeOf(collection: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>) {
    return collection.size;
  }
}
