import type { StorageLimits } from "../limits.ts";
import { check, maxBytesIn } from "../values/checked.ts";
import { ownValue } from "../values/own-value.ts";
import { OWN_PREFIX, rowOf } from "./rows.ts";

/** All that the log has been about, in one row: the records up to it count no more. The next one takes its place. */
export const SNAPSHOT_ROW = `${OWN_PREFIX}snapshot`;

/** As it is stored: the platform clones it, and nothing of it is decoded here. */
export interface LogSnapshot {
  /** The last flush that it contains. */
  readonly sequence: number;
  readonly values: ReadonlyMap<string, unknown>;
  /** Keys that have no value, and which of both ways that is. */
  readonly gone: ReadonlyMap<string, "deleted" | "undefined">;
}

/** Whether a row holds what one of ours would. */
export function isSnapshot(stored: unknown): stored is LogSnapshot {
  if (typeof stored !== "object" || stored === null) return false;
  const { sequence, values, gone } = stored as Partial<LogSnapshot>;
  return Number.isSafeInteger(sequence) && values instanceof Map && gone instanceof Map;
}

/** At most what a Map takes for an entry beside key and value, or for the word that says how a key is gone; and more than the rest of the row takes. */
const ENTRY_BYTES = 16;
const FRAME_BYTES = 100;

/** The snapshot of these keys, or `undefined` if it takes more than a row. `isCopied`: none of its objects is a live one. Throws `PersistError`. */
export function takeSnapshot(
  sequence: number,
  keys: Iterable<string>,
  sourceOf: (key: string) => object,
  limits: StorageLimits,
  isCopied: boolean,
): LogSnapshot | undefined {
  const values = new Map<string, unknown>();
  const gone = new Map<string, "deleted" | "undefined">();
  let left = maxBytesIn(SNAPSHOT_ROW, "", limits) - FRAME_BYTES;
  for (const key of keys) {
    // A key that could have no row of its own is none at all.
    maxBytesIn(rowOf(key), key, limits);
    const found = ownValue(sourceOf(key), key);
    left -= key.length * 2 + ENTRY_BYTES;
    if (found === undefined) gone.set(key, Object.hasOwn(sourceOf(key), key) ? "undefined" : "deleted");
    else {
      const { value, bytes } = check(key, found);
      left -= bytes;
      values.set(key, value);
    }
    if (left < 0) return undefined;
  }
  return isolate(values, isCopied) ? { sequence, values, gone } : undefined;
}

/**
 * Copies all objects, or all but one, so that what two keys share is not one object after a wake, where the patches of both keys would change it
 * twice. Answers whether all could be cloned.
 */
function isolate(values: Map<string, unknown>, all: boolean): boolean {
  const objects = [...values].filter(([, value]) => typeof value === "object" && value !== null);
  try {
    for (const [key, value] of objects.slice(all ? 0 : 1)) values.set(key, structuredClone(value));
    return true;
  } catch {
    // A foreign proxy: the record of a log looks into it, and the put of the key's row says what is wrong.
    return false;
  }
}

/** Puts the snapshot's values in the place of what the keys' rows hold. */
export function applySnapshot(
  snapshot: LogSnapshot,
  values: Map<string, unknown>,
  deleted: Set<string>,
): void {
  for (const [key, value] of snapshot.values) {
    values.set(key, value);
    deleted.delete(key);
  }
  for (const [key, how] of snapshot.gone) {
    if (how === "undefined") {
      values.set(key, undefined);
      deleted.delete(key);
    } else {
      values.delete(key);
      deleted.add(key);
    }
  }
}
