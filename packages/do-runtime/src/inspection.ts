// What an inspected object tells.
import type { Patch } from "@dormouse/reactive";
import type { PersistError } from "./errors.ts";
import type { Json } from "./inspect-value.ts";
import type { PersistStats } from "./persister.ts";

/** What an inspected object tells, as JSON. */
export interface Inspection {
  /** The definition's name. */
  readonly name: string;
  /** The user the object belongs to; null for a room, and where it was reached by an id without a name. */
  readonly userId: string | null;
  /** Sockets open now. */
  readonly sockets: number;
  /** Which room the object is, and how many members it has; null for a user's object. */
  readonly room: { readonly name: string; readonly members: number } | null;
  /** When the object woke, in milliseconds since 1970: stats and flushes are counted from there. */
  readonly wokeAt: number;
  /** When this was told, in milliseconds since 1970. */
  readonly now: number;
  /** The top-level keys that are stored. */
  readonly persistedKeys: readonly string[];
  /** Those of them that changed since their last write was submitted, or whose write failed. */
  readonly dirtyKeys: readonly string[];
  /** The keys that could not be written, and why. */
  readonly unsaved: readonly InspectedFailure[];
  /** What was written since the object woke. */
  readonly stats: PersistStats & {
    /** Size of all values written, serialized. */
    readonly bytes: number;
  };
  /** The state, as `inspectValue` writes it. */
  readonly state: Json;
  /** The last 50 writes, the newest first. */
  readonly flushes: readonly InspectedFlush[];
}

/** Why a key isn't stored. */
export interface InspectedFailure {
  readonly key: string;
  readonly code: PersistError["code"];
  readonly message: string;
}

/** One write, as the inspector shows it. */
export interface InspectedFlush {
  /** Counts the object's writes since it woke, from 1. */
  readonly number: number;
  /** When it was submitted, in milliseconds since 1970. */
  readonly at: number;
  /** Rows written and deleted. */
  readonly rows: number;
  /** Whether one of them is the record of format and layout, which is written with an object's first write and when it changes. */
  readonly hasRecord: boolean;
  /** Size of the values written, serialized. */
  readonly bytes: number;
  /** What became of it when this was told. */
  readonly result: "submitted" | "stored" | "failed";
  /** What changed: the first ones, at most 20. */
  readonly changes: readonly InspectedChange[];
  /** How many changes there are beyond those. */
  readonly moreChanges: number;
}

/** One change: where, what was done there, and to which value. */
export interface InspectedChange {
  /** As one would write it in a program: `board.cards[3].done`. */
  readonly path: string;
  /** `assign` is a whole top-level key. */
  readonly op: Patch["op"] | "assign";
  /** What was set or added, cut to a line; of a splice, its `index`, how many it removed, and what it inserted. */
  readonly value?: Json;
}
