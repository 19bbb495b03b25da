// Connections and rooms whose programs and callers misbehave.
import {
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
  defineContract,
} from "@dormouse/do-runtime";
import type { Schema } from "@dormouse/do-runtime";
import { see, seen } from "./seen.ts";

/** One array for all: what a program writes as a constant must not become shared state. */
const CHANNELS = ["default"];

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

const allOf: Schema<string[]> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({
      issues: (value as unknown[]).map((_item, index) => ({ message: "expected a string", path: [index] })),
    }),
  },
};

const hostile = defineConnection({
  name: "HostileConnection",
  state: { profile: { name: "x" }, n: 0 },
  persistedKeys: ["profile", "n"],
  persistOptions: { shallow: false },
  rooms: { lost: "NoSuchBinding", picky: "PickyRoom" },
  extractMeta(request) {
    const { searchParams } = new URL(request.url);
    if (searchParams.has("nobody")) return undefined as never;
    return { userId: searchParams.get("user") ?? "", clientId: "c", channels: CHANNELS };
  },
  onDisconnect(ctx) {
    if (ctx.meta.userId === "closing") see("closing", "gone");
  },
  async onDestroy(ctx) {
    if (ctx.actor.getUserId() !== "slow-end") return;
    see("slow-end", "ending");
    while (seen.get("slow-end")?.at(-1) !== "refused") await sleep(5);
  },
  onError(error, ctx) {
    see(ctx.meta.userId, error.message);
  },
});
const SHARED = new Error("always the same");
hostile.on("throwShared", () => {
  throw SHARED;
});
hostile.on("throw", (_ctx, thrown) => {
  throw thrown;
});
hostile.on("add", (ctx) => {
  ctx.state.n++;
  ctx.emit.emit("n", { n: ctx.state.n });
});
hostile.on("channel", (ctx, channel) => {
  if (channel !== undefined) ctx.meta.channels.push(channel);
  ctx.emit.emit("channels", { channels: ctx.meta.channels });
});
hostile.on("keep", async (ctx, data) => {
  ctx.state.profile = data;
  await ctx.flush();
});
hostile.on("throwResponse", () => {
  throw new Response("secret", { status: 418 });
});
hostile.on("addLate", async (ctx) => {
  await sleep(50);
  ctx.state.n++;
  see(ctx.meta.userId, `sent ${await ctx.emit.emit("n", { n: ctx.state.n })}`);
});
hostile.on("addAtTheEnd", async (ctx) => {
  ctx.emit.emit("n", { n: ctx.state.n });
  while (ctx.ws.readyState === WebSocket.READY_STATE_OPEN) await sleep(5);
  // Until all that is stored has been deleted.
  await sleep(100);
  ctx.state.n++;
  see(ctx.meta.userId, `sent ${await ctx.emit.emit("n", { n: ctx.state.n })}`);
});
hostile.on("rooms", async (ctx, rooms: string[]) => {
  const joined = [];
  for (const room of rooms) joined.push(await ctx.actor.joinRoom(room));
  const delivered = [];
  for (const room of rooms) {
    delivered.push(await ctx.emit.toRoom(room, { includeSelf: true }).emit("said", {}));
  }
  ctx.emit.emit("rooms", { joined, delivered, rooms: ctx.actor.getRooms() });
});
hostile.on("tell", async (ctx, to) => {
  ctx.emit.emit("told", { sockets: await ctx.emit.toUser(to).emit("x") });
});
hostile.on("tellUnheard", async (ctx, { room, isAwaited }) => {
  const told = ctx.emit.toRoom(room).emit("x");
  if (isAwaited) await told;
});
hostile.on("hangUp", (ctx) => {
  ctx.ws.close(4000, "hung up");
});
hostile.on("destroy", async (ctx) => {
  await sleep(50);
  await ctx.actor.destroy();
});
hostile.on("joinWith", async (ctx, { room, what }) => {
  const metadata = {
    state: { profile: ctx.state.profile },
    function: { run: () => 1 },
    plain: { plain: true },
  }[what as "state" | "function" | "plain"];
  ctx.emit.emit("joined", { isMember: await ctx.actor.joinRoom(room, metadata) });
});
hostile.on("transfer", async (ctx, large) => {
  await ctx.actor.getStorage().transaction(async (txn) => {
    await txn.put("balance", 1);
    ctx.state.n++;
    if (large) ctx.state.profile.name = "x".repeat(3_000_000);
    await ctx.emit.emit("transferred", { n: ctx.state.n });
  });
});
hostile.on("tellOthers", async (ctx, { how, isStorable }) => {
  // A proxy of another library: only storage finds out, a moment later.
  ctx.state.profile = { name: isStorable ? "y" : (new Proxy({}, {}) as never) };
  await (how === "room" ? ctx.emit.toRoom("picky:told") : ctx.emit.toUser("told")).emit("told", { how });
});
export const HostileConnection = createConnectionHandler(hostile);

export const PickyRoom = createRoomHandler({
  name: "PickyRoom",
  connectionBinding: "HostileConnection",
  state: {},
  onInit(room) {
    if (seen.get("sick")?.includes(room.name)) throw new Error("I am sick.");
  },
  async onJoin(_room, member) {
    if (member.userId.endsWith("twice")) await sleep(5);
    if (member.userId.startsWith("guest")) throw new Error("This room does not support guests.");
  },
  async onLeave(room, member) {
    await sleep(5);
    see(room.name, `${member.userId} left`);
  },
});

/** Whose members can't be reached, not even by a binding, and whose own hook fails at that. */
export const BrokenRoom = createRoomHandler({
  name: "BrokenRoom",
  connectionBinding: "NoSuchBinding",
  maxDeliveryFailures: 2,
  onError() {
    throw new Error("onError fails as well");
  },
});

const listed = defineConnection({
  name: "ListedConnection",
  events: defineContract({ client: { list: allOf }, server: {} }),
});
listed.on("list", () => {});
export const ListedConnection = createConnectionHandler(listed);
