import type { Patch } from "@dormouse/reactive";
import type { PersistError } from "../errors.ts";
import type { Batch } from "./rows.ts";

/** What happened to one key since it was last written; `patches: null` has the whole value written. */
export interface Change {
  readonly patches: readonly Patch[] | null;
}

/** The rows of one flush, and the keys that can't be part of it. */
export interface Plan {
  readonly batch: Batch;
  /** The keys that are in the batch. */
  readonly keys: readonly string[];
  readonly refused: ReadonlyMap<string, PersistError>;
  /**
   * To be called when storage has taken the batch, or rejected it. Answers whether the keys are stored now: also a batch that was taken
   * may be worth nothing, where it builds on one that was rejected.
   */
  settle(isTaken: boolean): boolean;
}

/** Turns changes into rows. Planning is synchronous and copies nothing: the batch has to be submitted in the same turn. */
export interface Layout {
  plan(changes: ReadonlyMap<string, Change>): Plan;
}
