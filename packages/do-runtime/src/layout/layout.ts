import type { Patch } from "@dormouse/reactive";
import type { PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import type { LayoutName } from "./meta.ts";
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
  /** The layout to go on with where everything that was stored is gone, by the program's own `deleteAll()`; this one stays as it is. */
  emptied(): Layout;
}

/**
 * Makes the state of the running version out of what an older one stored, by changing `old` or by returning the new state.
 *
 * `old` has every key that is stored, also those that are no longer persisted. Keys it doesn't keep are deleted.
 */
export type Migrate = (
  old: Record<string, unknown>,
  fromVersion: number,
) => object | undefined | void | Promise<object | undefined | void>;

/** What the program wants of its storage. */
export interface Wanted {
  readonly keys: readonly string[];
  readonly layout: LayoutName;
  readonly version: number;
  readonly migrate: Migrate | undefined;
  readonly limits: StorageLimits;
  /** Writes a batch, all of it or nothing. */
  readonly write: (batch: Batch) => Promise<void>;
}
