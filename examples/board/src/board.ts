// The board: one Durable Object, every tab a socket of it. Handlers change plain objects; what changed is stored, then told.
import {
  type ConnectionContext,
  type ConnectionMeta,
  createConnectionHandler,
  defineConnection,
  type OutputOf,
} from "@dormouse/do-runtime";
import { transaction, watch } from "@dormouse/reactive";
import { encode } from "../shared/codec.ts";
import { events } from "../shared/events.ts";
import {
  type BoardState,
  type Card,
  type CardPlace,
  findCard,
  firstBoard,
  placeBeside,
} from "../shared/model.ts";
import { perWriteOf } from "../shared/per-write.ts";

interface Meta extends ConnectionMeta {
  /** What the person at this tab is called. */
  name: string;
}

type Context = ConnectionContext<Meta, Env, BoardState, typeof events>;
type Event = keyof typeof events.client;
type Payload<E extends Event> = OutputOf<(typeof events.client)[E]>;
type CardEvent = { [E in Event]: Payload<E> extends { card: string } ? E : never }[Event];

/** The board that a tab asks for. */
export const boardOf = (url: URL): string => url.searchParams.get("board") || "demo";

/** The chat keeps this many messages. */
const MAX_MESSAGES = 200;

const connection = defineConnection<Meta, Env, BoardState, typeof events>({
  name: "Board",
  events,
  // Every tab of a board is a socket of the same object.
  maxSockets: 100,

  state: firstBoard(),
  persistedKeys: ["board", "chat"],
  persistOptions: { shallow: false },
  // One row a turn, with only what changed in it.
  layout: "log",

  // #region inspector
  // Shows what is stored to whoever develops on this machine. Behind a real domain, ask for more than a host name.
  inspect: true,
  inspectGuard: (request) => ["localhost", "127.0.0.1"].includes(new URL(request.url).hostname),
  // #endregion

  extractMeta(request) {
    const url = new URL(request.url);
    return {
      userId: boardOf(url),
      clientId: crypto.randomUUID(),
      channels: ["default"],
      name: url.searchParams.get("name")?.slice(0, 40) || "Somebody",
    };
  },

  async onConnect(ctx) {
    tellAll(ctx);
    await tellTabs(ctx);
  },

  onDisconnect: tellTabs,
});

connection.on("all", tellAll);

on("renameBoard", ({ board }, { title }) => {
  board.title = title;
});

on("addCard", ({ board }, { column, title }) => {
  const card: Card = {
    id: crypto.randomUUID(),
    title,
    notes: "",
    tags: new Set(),
    members: new Map(),
    due: null,
    checklist: [],
    cheers: 0,
  };
  board.columns.find(({ id }) => id === column)?.cards.push(card);
});

onMove("moveCard", ({ board }, _from, { column: id, index }) => {
  const column = board.columns.find((other) => other.id === id);
  return column && { column, index };
});

onMove("stepCard", (state, from, { step }) => placeBeside(state, from, step));

on("removeCard", (state, { card }) => {
  const place = findCard(state, card);
  place?.column.cards.splice(place.index, 1);
});

onCard("setTitle", (card, { title }) => {
  card.title = title;
});

onCard("setNotes", (card, { notes }) => {
  card.notes = notes;
});

onCard("setDue", (card, { day }) => {
  card.due = day === "" ? null : new Date(day);
});

onCard("tag", (card, { tag, on }) => {
  if (on) card.tags.add(tag);
  else card.tags.delete(tag);
});

onCard("setMember", (card, { name, role }) => {
  if (role === "") card.members.delete(name);
  else card.members.set(name, role);
});

onCard("addItem", (card, { text }) => {
  card.checklist.push({ id: crypto.randomUUID(), text, done: false });
});

onCard("checkItem", (card, { item: id, done }) => {
  const item = card.checklist.find((other) => other.id === id);
  if (item !== undefined) item.done = done;
});

onCard("removeItem", (card, { item: id }) => {
  const index = card.checklist.findIndex((other) => other.id === id);
  if (index >= 0) card.checklist.splice(index, 1);
});

onCard("cheer", (card) => {
  card.cheers++;
});

on("applaud", ({ board }) => {
  const cards = board.columns.flatMap((column) => column.cards);
  for (let cheer = 0; cheer < 100; cheer++) {
    const card = cards[cheer % cards.length];
    if (card !== undefined) card.cheers++;
  }
});

on("say", ({ chat }, { text }, { meta }) => {
  chat.push({ id: crypto.randomUUID(), from: meta.name, text, at: new Date() });
  if (chat.length > MAX_MESSAGES) chat.splice(0, chat.length - MAX_MESSAGES);
});

on("callMe", (_state, { name }, { meta }) => {
  // Metadata are tracked as well: this is in the socket's attachment when the object hibernates.
  meta.name = name;
});

export class Board extends createConnectionHandler(connection) {
  override async fetch(request: Request): Promise<Response> {
    // The demo's power cut: memory and sockets are gone, without a word to anybody.
    if (new URL(request.url).pathname === "/crash") this.ctx.abort("crashed by the demo");
    return super.fetch(request);
  }
}

/** Registers a handler that gets the state, and changes all that it means to or nothing. */
function on<E extends Event>(
  event: E,
  handler: (state: BoardState, payload: Payload<E>, ctx: Context) => void,
): void {
  connection.on(event, (ctx, payload) => {
    followChanges(ctx);
    transaction(() => handler(ctx.state, payload, ctx));
  });
}

/** Registers a handler that gets the card its payload names; nothing happens when another tab has removed that. */
function onCard<E extends CardEvent>(event: E, handler: (card: Card, payload: Payload<E>) => void): void {
  on(event, (state, payload) => {
    const place = findCard(state, payload.card);
    if (place !== undefined) handler(place.card, payload);
  });
}

/** Registers what moves a card to the place that `placeFor` gives, and tells who moved it. */
function onMove<E extends "moveCard" | "stepCard">(
  event: E,
  placeFor: (state: BoardState, from: CardPlace, payload: Payload<E>) => Omit<CardPlace, "card"> | undefined,
): void {
  connection.on(event, (ctx, payload) => {
    followChanges(ctx);
    const isMoved = transaction(() => {
      const from = findCard(ctx.state, payload.card);
      const to = from && placeFor(ctx.state, from, payload);
      if (from === undefined || to === undefined) return false;
      from.column.cards.splice(from.index, 1);
      to.column.cards.splice(to.index, 0, from.card);
      return true;
    });
    if (isMoved) ctx.emit.emit("moved", { card: payload.card });
  });
}

/** How many changes were told, by each object that is in memory. */
const told = new WeakMap<Context["actor"], number>();

/** Tells every tab what changes, from the first event after a wake on. */
function followChanges({ actor, state }: Context): void {
  if (told.has(actor)) return;
  told.set(actor, 0);
  watch(state, (patches) => {
    const number = (told.get(actor) ?? 0) + 1;
    told.set(actor, number);
    // What is sent waits until it is stored; a tab never shows what a crash could take back. If it can't be, whoever changed it hears of that, and
    // tabs see a gap once another change is.
    actor
      .deliverMessage("patches", { number, patches: encode(patches), perWrite: perWriteOf(state, patches) })
      .catch(() => {});
  });
}

/** Tells one tab everything. */
function tellAll(ctx: Context): void {
  followChanges(ctx);
  ctx.emit.emit("board", { number: told.get(ctx.actor) ?? 0, state: encode(ctx.state) });
}

/** There are as many tabs as an event reaches. */
async function tellTabs({ emit, meta }: Context): Promise<void> {
  const tabs = emit.toUser(meta.userId);
  const count = await tabs.emit("counting");
  await tabs.emit("tabs", { count });
}
