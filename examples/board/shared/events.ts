// The events between a tab and its board: names, payloads, and the checks of what a tab sends.
import { defineContract, payload } from "@dormouse/do-runtime";
import type { Role, Step } from "./model.ts";
import type { Written } from "./per-write.ts";
import { anyText, day, fields, flag, oneOf, place, text } from "./payloads.ts";

const id = text(64);

export const events = defineContract({
  client: {
    renameBoard: fields({ title: text(80) }),
    addCard: fields({ column: id, title: text(160) }),
    moveCard: fields({ card: id, column: id, index: place }),
    /** Beside where the object has the card now, so that each press of a key counts, however late the answers are. */
    stepCard: fields({ card: id, step: oneOf<Step>("up", "down", "left", "right") }),
    removeCard: fields({ card: id }),
    setTitle: fields({ card: id, title: text(160) }),
    setNotes: fields({ card: id, notes: anyText(4000) }),
    setDue: fields({ card: id, day }),
    tag: fields({ card: id, tag: text(24), on: flag }),
    setMember: fields({ card: id, name: text(40), role: oneOf<Role | "">("leads", "helps", "") }),
    addItem: fields({ card: id, text: text(160) }),
    checkItem: fields({ card: id, item: id, done: flag }),
    removeItem: fields({ card: id, item: id }),
    cheer: fields({ card: id }),
    /** A hundred cheers in one turn, here and there: what a busy handler costs. */
    applaud: fields({}),
    say: fields({ text: text(1000) }),
    callMe: fields({ name: text(40) }),
    /** Asks for the whole board: a change was missed. */
    all: fields({}),
  },
  server: {
    /** Everything, after so many changes; encoded as codec.ts tells. */
    board: payload<{ number: number; state: unknown }>(),
    /** The change of that number, to be applied in order, encoded too; and what the per-write model would have written for it. */
    patches: payload<{ number: number; patches: unknown; perWrite: Written }>(),
    /** To who has moved a card: it is there. */
    moved: payload<{ card: string }>(),
    /** How many tabs are connected. */
    tabs: payload<{ count: number }>(),
    /** Asks nothing; how many tabs it reaches is what it is sent for. */
    counting: payload<undefined>(),
  },
});
