// The classes that docs/connections-and-rooms.md shows.
import {
  type ConnectionActor,
  type ConnectionContext,
  type ConnectionMeta,
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
} from "@dormouse/do-runtime";
import type { Client } from "@dormouse/do-runtime/client";
import { applyPatches, batch, type Patch, reactive, watch } from "@dormouse/reactive";

// #region room
export const Lobby = createRoomHandler({
  name: "LOBBY",
  connectionBinding: "PLAYER",
  state: { seats: 2, welcomed: 0 },

  async onJoin(room, member) {
    // Throwing refuses the member: joinRoom rejects.
    if (room.getMembers().length > room.state.seats) throw new Error("The lobby is full.");
    room.state.welcomed++;
    await room.broadcast("joined", { who: member.userId, number: room.state.welcomed });
  },

  async onLeave(room, member) {
    await room.broadcast("left", { who: member.userId });
  },
});

const player = defineConnection({
  connectionBinding: "PLAYER",
  rooms: { lobby: "LOBBY" },
});

player.on<{ lobby: number }>("play", async (ctx, { lobby }) => {
  await ctx.actor.joinRoom(`lobby:${lobby}`);
});

export const Player = createConnectionHandler(player);
// #endregion

// #region own
const timer = defineConnection({
  connectionBinding: "TIMER",
  state: { rounds: 0 },
  persistedKeys: ["rounds"],
});

timer.on<{ inMs: number }>("start", async (ctx, { inMs }) => {
  await ctx.actor.getStorage().setAlarm(Date.now() + inMs);
});

export class Timer extends createConnectionHandler(timer) {
  // The platform calls it when it is time; where it rejects, it is called again.
  override alarm() {
    return this.run((ctx) => {
      ctx.state.rounds++;
      ctx.emit.emit("over", { round: ctx.state.rounds }); // to every socket of the user
    });
  }

  // Other Workers call it: await Timer.get("ada").addRounds(3)
  addRounds(rounds: number) {
    return this.run((ctx) => (ctx.state.rounds += rounds));
  }
}
// #endregion

// #region shared
const channel = defineConnection({
  connectionBinding: "CHANNEL",
  maxSockets: 100,
  state: { messages: [] as { from: string; text: string }[] },
  persistedKeys: ["messages"],
  persistOptions: { shallow: false },
  layout: "log", // one row a message, however long the history
  extractMeta(request) {
    const { searchParams } = new URL(request.url);
    return {
      userId: searchParams.get("channel") ?? "lounge", // what names the object: here the channel
      name: searchParams.get("name") ?? "somebody", // a field of your own
      clientId: crypto.randomUUID(),
      channels: [],
    };
  },
  onConnect(ctx) {
    ctx.emit.emit("history", { messages: ctx.state.messages });
  },
});

channel.on<{ text: string }>("say", async ({ state, emit, meta }, { text }) => {
  const message = { from: meta.name, text };
  state.messages.push(message);
  if (state.messages.length > 200) state.messages.shift();
  await emit.toUser(meta.userId).emit("said", message); // to every socket of the object
});

export const Channel = createConnectionHandler(channel);
// #endregion

// #region changes
interface Plan {
  tasks: { text: string; done: boolean }[];
}

const plan = defineConnection({
  connectionBinding: "PLAN",
  maxSockets: 100,
  state: { tasks: [] } as Plan,
  persistedKeys: ["tasks"],
  persistOptions: { shallow: false },
  onConnect: tellAll,
});

/** How many changes were told, by each object that is in memory. */
const told = new WeakMap<ConnectionActor, number>();

/** Tells every socket what changes; each handler calls it, as the object may have hibernated since the last one. */
function followChanges({ actor, state }: ConnectionContext<ConnectionMeta, unknown, Plan>) {
  if (told.has(actor)) return;
  told.set(actor, 0);
  watch(state, (patches) => {
    const number = (told.get(actor) ?? 0) + 1;
    told.set(actor, number);
    // It waits until the change is stored. If it can't be, the handler hears of that, and clients see a gap once another is.
    actor.deliverMessage("changed", { number, patches }).catch(() => {});
  });
}

function tellAll(ctx: ConnectionContext<ConnectionMeta, unknown, Plan>) {
  followChanges(ctx);
  ctx.emit.emit("all", { number: told.get(ctx.actor), tasks: ctx.state.tasks });
}

plan.on("all", tellAll);

plan.on<{ texts: string[] }>("add", (ctx, { texts }) => {
  followChanges(ctx);
  batch(() => {
    for (const text of texts) ctx.state.tasks.push({ text, done: false });
  });
});

plan.on<{ index: number; done: boolean }>("check", (ctx, { index, done }) => {
  followChanges(ctx);
  const task = ctx.state.tasks[index];
  if (task) task.done = done;
});

export const SharedPlan = createConnectionHandler(plan);
// #endregion

// #region mirror
/** The plan as the object has it, reactive. */
export function mirrorPlan(client: Pick<Client, "on" | "emit">) {
  const mirror = reactive({ number: 0, tasks: [] } as { number: number } & Plan);
  client.on("all", (all) => Object.assign(mirror, all));
  client.on<{ number: number; patches: Patch[] }>("changed", ({ number, patches }) => {
    // After a change that could not be stored, and after a hibernation.
    if (number !== mirror.number + 1) return client.emit("all");
    batch(() => applyPatches(mirror, patches).number++);
  });
  return mirror;
}
// #endregion

// #region storage
const notebook = defineConnection({
  connectionBinding: "NOTEBOOK",
  state: { count: 0 },
  persistedKeys: ["count"],
});

notebook.on<{ text: string }>("note", async (ctx, { text }) => {
  ctx.state.count++;
  const number = String(ctx.state.count).padStart(6, "0");
  await ctx.actor.getStorage().put(`note:${number}`, { text, at: new Date() });
});

notebook.on("latest", async (ctx) => {
  const notes = await ctx.actor.getStorage().list({ prefix: "note:", reverse: true, limit: 10 });
  ctx.emit.emit("notes", { of: ctx.state.count, notes: [...notes.values()] });
});
// #endregion

export const Notebook = createConnectionHandler(notebook);

interface Session {
  readonly userId: string;
  readonly name: string;
}

const sessions = new Map<string, Session>([["token-of-ada", { userId: "guarded-ada", name: "Ada" }]]);
const findSession = async (token: string | null) => sessions.get(token ?? "");

// #region token
const guarded = defineConnection({
  connectionBinding: "GUARDED",
  async extractMeta(request) {
    const session = await findSession(new URL(request.url).searchParams.get("token"));
    if (!session) throw new Response("Sign in first.", { status: 401 });
    return { userId: session.userId, name: session.name, clientId: crypto.randomUUID(), channels: [] };
  },
  onConnect(ctx) {
    ctx.emit.emit("welcome", { name: ctx.meta.name });
  },
});

export const Guarded = createConnectionHandler(guarded);

export default {
  // Asks extractMeta who it is, and hands the socket to that user's object.
  fetch: async (request) => (await Guarded.route(request)) ?? new Response("Not found", { status: 404 }),
} satisfies ExportedHandler;
// #endregion
