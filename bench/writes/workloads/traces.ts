import { at, random, type State, type Step, type Workload } from "../workload.ts";

// Traces: what a program does over a while, as it would be written against plain objects.

interface ChatUser {
  unread: number;
  typing: boolean;
  lastSeen: number;
}
interface ChatMessage {
  id: number;
  author: string;
  text: string;
}

const CHATTERS = 12;
const WORDS = [
  "hello",
  "did",
  "you",
  "see",
  "the",
  "tide",
  "tables",
  "for",
  "tomorrow",
  "yes",
  "no",
  "later",
];

/** A room of twelve: somebody types, sends, and everybody else has one more unread; the last 50 messages are kept. */
export const chatSession: Workload = {
  name: "trace-chat",
  title: "trace: a chat session",
  initial: () => ({
    messageCount: 0,
    messages: [] satisfies ChatMessage[],
    users: Object.fromEntries(
      Array.from({ length: CHATTERS }, (_, id) => [
        `user-${id}`,
        { unread: 0, typing: false, lastSeen: 1_700_000_000_000 } satisfies ChatUser,
      ]),
    ),
  }),
  turns: 80,
  turn(index) {
    const author = chatter(index);
    if (index % 2 === 0) {
      return [{ keys: ["users"], change: (state) => void (chatUser(state, author).typing = true) }];
    }
    const steps: Step[] = [
      {
        keys: ["users"],
        change(state) {
          const sender = chatUser(state, author);
          sender.typing = false;
          sender.lastSeen = 1_700_000_000_000 + index;
          sender.unread = 0;
        },
      },
      {
        keys: ["messageCount"],
        change: (state) => void (state["messageCount"] = at<number>(state, "messageCount") + 1),
      },
      {
        keys: ["messages"],
        insideArray: true,
        change(state) {
          const messages = at<ChatMessage[]>(state, "messages");
          messages.push(chatMessage(index));
          if (messages.length > 50) messages.shift();
        },
      },
    ];
    for (let id = 0; id < CHATTERS; id++) {
      if (`user-${id}` === author) continue;
      steps.push({ keys: ["users"], change: (state) => void chatUser(state, `user-${id}`).unread++ });
    }
    return steps;
  },
  byHand(index, state) {
    const author = chatter(index);
    if (index % 2 === 0) return { [`user:${author}`]: chatUser(state, author) };
    const users = Object.entries(at<Record<string, ChatUser>>(state, "users"));
    return {
      ...Object.fromEntries(users.map(([name, user]) => [`user:${name}`, user])),
      messageCount: state["messageCount"],
      // A ring of 50 slots, so that nothing has to be deleted.
      [`message:${at<number>(state, "messageCount") % 50}`]: chatMessage(index),
    };
  },
  changed(index, state) {
    const author = chatUser(state, chatter(index));
    if (index % 2 === 0) return [author.typing];
    const unread = Object.values(at<Record<string, ChatUser>>(state, "users")).map((user) => user.unread);
    return [author.typing, author.lastSeen, state["messageCount"], chatMessage(index), ...unread];
  },
};

/** The one who types in an even turn sends in the next. */
const chatter = (index: number) => `user-${random(index - (index % 2)).below(CHATTERS)}`;

function chatMessage(index: number): ChatMessage {
  const words = random(index + 7);
  const text = Array.from({ length: 8 }, () => WORDS[words.below(WORDS.length)]).join(" ");
  return { id: index, author: chatter(index), text };
}

function chatUser(state: State, name: string): ChatUser {
  const user = at<Record<string, ChatUser>>(state, "users")[name];
  if (!user) throw new Error(`[bench] there is no ${name}`);
  return user;
}

interface Paragraph {
  id: number;
  text: string;
  style: string;
}
interface EditorDocument {
  version: number;
  paragraphs: Record<string, Paragraph>;
}

const PARAGRAPHS = 60;

/** An editor: words are typed into one paragraph after the other of a document of 20 KB, and the cursor moves. */
export const documentEditor: Workload = {
  name: "trace-editor",
  title: "trace: a document editor",
  initial: () => ({
    document: {
      version: 0,
      paragraphs: Object.fromEntries(
        Array.from({ length: PARAGRAPHS }, (_, id) => [
          `p${id}`,
          { id, text: "Lorem ipsum dolor sit amet. ".repeat(12), style: "body" } satisfies Paragraph,
        ]),
      ),
    } satisfies EditorDocument,
    cursor: { paragraph: 0, offset: 0 },
  }),
  turns: 80,
  turn(index) {
    const id = paragraphAt(index);
    return [
      {
        keys: ["document"],
        change(state) {
          paragraph(state, id).text += ` ${WORDS[index % WORDS.length]}`;
        },
      },
      { keys: ["document"], change: (state) => void at<EditorDocument>(state, "document").version++ },
      {
        keys: ["cursor"],
        change(state) {
          const cursor = at<{ paragraph: number; offset: number }>(state, "cursor");
          cursor.paragraph = id;
          cursor.offset = 300 + index;
        },
      },
    ];
  },
  byHand: (index, state) => ({
    [`paragraph:${paragraphAt(index)}`]: paragraph(state, paragraphAt(index)),
    version: at<EditorDocument>(state, "document").version,
    cursor: state["cursor"],
  }),
  changed: (index, state) => [
    paragraph(state, paragraphAt(index)).text,
    at<EditorDocument>(state, "document").version,
    state["cursor"],
  ],
};

const paragraphAt = (index: number) => Math.floor(index / 10) % PARAGRAPHS;

function paragraph(state: State, id: number): Paragraph {
  const found = at<EditorDocument>(state, "document").paragraphs[`p${id}`];
  if (!found) throw new Error(`[bench] the document has no paragraph ${id}`);
  return found;
}

interface Player {
  x: number;
  y: number;
  health: number;
}

const PLAYERS = 50;
const MOVES = 20;

/** A game: at each of its 20 ticks a second twenty of fifty players move, and now and then one is hit. */
export const game: Workload = {
  name: "trace-game",
  title: "trace: a game at 20 ticks/s",
  initial: () => ({
    tick: 0,
    players: Object.fromEntries(
      Array.from({ length: PLAYERS }, (_, id) => [`p${id}`, { x: id, y: id, health: 100 } satisfies Player]),
    ),
  }),
  turns: 100,
  turn(index) {
    const steps: Step[] = [{ keys: ["tick"], change: (state) => void (state["tick"] = index) }];
    for (const id of movers(index)) {
      steps.push({
        keys: ["players"],
        change(state) {
          const moving = player(state, id);
          moving.x += 1;
          moving.y += 2;
        },
      });
    }
    if (index % 5 === 0)
      steps.push({ keys: ["players"], change: (state) => void player(state, index % PLAYERS).health-- });
    return steps;
  },
  byHand: (index, state) => ({
    tick: index,
    ...Object.fromEntries(touched(index).map((id) => [`player:${id}`, player(state, id)])),
  }),
  changed: (index, state) => [
    index,
    ...movers(index).flatMap((id) => [player(state, id).x, player(state, id).y]),
    ...(index % 5 === 0 ? [player(state, index % PLAYERS).health] : []),
  ],
};

const movers = (index: number) =>
  Array.from({ length: MOVES }, (_, move) => (index * 3 + move * 7) % PLAYERS);
const touched = (index: number) => [
  ...new Set([...movers(index), ...(index % 5 === 0 ? [index % PLAYERS] : [])]),
];

function player(state: State, id: number): Player {
  const found = at<Record<string, Player>>(state, "players")[`p${id}`];
  if (!found) throw new Error(`[bench] there is no player ${id}`);
  return found;
}
