import { at, type State, type Workload } from "../workload.ts";

interface Profile {
  name: string;
  visits: number;
  address: { city: string; street: string };
  settings: { theme: string; fontSize: number; flags: Record<string, boolean> };
  about: string;
}

/** An object of about 1 KB of which a handler changes two nested fields. */
export const profile: Workload = {
  name: "profile",
  title: "profile object of 1 KB, two nested fields",
  initial: () => ({
    profile: {
      name: "Ada Lovelace",
      visits: 0,
      address: { city: "London", street: "12 St James's Square" },
      settings: { theme: "dark", fontSize: 14, flags: { beta: true, mail: false, sound: true } },
      about: "x".repeat(800),
    } satisfies Profile,
  }),
  turns: 20,
  turn: (index) => [
    { keys: ["profile"], change: (state) => void at<Profile>(state, "profile").visits++ },
    {
      keys: ["profile"],
      change(state) {
        at<Profile>(state, "profile").settings.fontSize = 14 + index;
      },
    },
  ],
  byHand: (_, state) => ({ profile: state["profile"] }),
  changed: (_, state) => {
    const { visits, settings } = at<Profile>(state, "profile");
    return [visits, settings.fontSize];
  },
};

interface Message {
  id: number;
  author: string;
  text: string;
  at: number;
}

function message(id: number): Message {
  return {
    id,
    author: `user-${id % 17}`,
    text: `message number ${id}, of the usual length`,
    at: 1_700_000_000_000 + id,
  };
}

/** A history of `entries` messages to which each turn adds one. */
function history(entries: number, turns: number): Workload {
  const next = (index: number) => message(entries + index);
  return {
    name: `history-${entries}`,
    title: `chat history of ${entries.toLocaleString("en")}, one message pushed`,
    initial: () => ({ messages: Array.from({ length: entries }, (_, id) => message(id)) }),
    turns,
    turn: (index) => [
      {
        keys: ["messages"],
        insideArray: true,
        change: (state) => void at<Message[]>(state, "messages").push(next(index)),
      },
    ],
    byHand: (index) => ({ [`message:${entries + index}`]: next(index) }),
    changed: (index) => [next(index)],
  };
}

export const histories = [history(100, 20), history(10_000, 5)];

interface Card {
  id: number;
  title: string;
  column: number;
  done: boolean;
  votes: number;
}

const CARDS = 1_000;

const cardOf = (index: number, edit: number) => (index * 37 + edit * 101) % CARDS;

function card(state: State, id: number): Card {
  const found = at<Card[]>(state, "cards")[id];
  if (!found) throw new Error(`[bench] the board has no card ${id}`);
  return found;
}

/** A board of 1,000 cards; each turn edits `edits` of them. */
function board(edits: number): Workload {
  const edited = (index: number) => [
    ...new Set(Array.from({ length: edits }, (_, edit) => cardOf(index, edit))),
  ];
  return {
    name: `board-${edits}`,
    title: `board of 1,000 cards, ${edits === 1 ? "one edit" : `${edits} edits`}`,
    initial: () => ({
      cards: Array.from({ length: CARDS }, (_, id) => ({
        id,
        title: `card ${id}: something that has to be done`,
        column: id % 4,
        done: false,
        votes: 0,
      })),
    }),
    turns: 20,
    turn: (index) =>
      Array.from({ length: edits }, (_, edit) => ({
        keys: ["cards"],
        insideArray: true,
        change: (state: State) => void card(state, cardOf(index, edit)).votes++,
      })),
    byHand: (index, state) => Object.fromEntries(edited(index).map((id) => [`card:${id}`, card(state, id)])),
    changed: (index, state) => edited(index).map((id) => card(state, id).votes),
  };
}

export const boards = [board(1), board(10)];

/** Who is there, in a Map of 200, and tags in a Set. */
export const collections: Workload = {
  name: "map-set",
  title: "Map of 200 and Set: one entry each",
  initial: () => ({
    presence: new Map(Array.from({ length: 200 }, (_, id) => [`user-${id}`, { seen: 0, room: id % 5 }])),
    tags: new Set(Array.from({ length: 50 }, (_, id) => `tag-${id}`)),
  }),
  turns: 20,
  turn: (index) => [
    {
      keys: ["presence"],
      insideArray: true,
      change: (state) =>
        void at<Map<string, unknown>>(state, "presence").set(user(index), { seen: index + 1, room: 1 }),
    },
    {
      keys: ["tags"],
      insideArray: true,
      change: (state) => void at<Set<string>>(state, "tags").add(`tag-${50 + index}`),
    },
  ],
  byHand: (index) => ({
    [`presence:${user(index)}`]: { seen: index + 1, room: 1 },
    [`tag:tag-${50 + index}`]: true,
  }),
  changed: (index) => [{ seen: index + 1, room: 1 }, `tag-${50 + index}`],
};

const user = (index: number) => `user-${(index * 31) % 200}`;

/** One key of `kilobytes` KB of which one nested number changes. */
function sized(kilobytes: number, turns: number): Workload {
  return {
    name: `size-${kilobytes}k`,
    title: `one key of ${kilobytes >= 1_000 ? `${kilobytes / 1_000} MB` : `${kilobytes} KB`}, one nested number`,
    initial: () => ({
      doc: {
        meta: { edits: { count: 0 } },
        sections: Array.from({ length: kilobytes }, (_, id) => ({ id, text: "x".repeat(1_000) })),
      },
    }),
    turns,
    turn: () => [{ keys: ["doc"], change: (state) => void counter(state).count++ }],
    byHand: (_, state) => ({ "doc:edits": counter(state) }),
    changed: (_, state) => [counter(state).count],
  };
}

function counter(state: State): { count: number } {
  return at<{ meta: { edits: { count: number } } }>(state, "doc").meta.edits;
}

export const sizes = [sized(1, 20), sized(10, 20), sized(100, 20), sized(1_000, 5)];
