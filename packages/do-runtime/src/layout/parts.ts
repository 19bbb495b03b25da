import type { StorageLimits } from "../limits.ts";
import { check, maxBytesIn } from "../values/checked.ts";
import { encode } from "../values/encode.ts";
import { ownValue } from "../values/own-value.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { type Batch, OWN_PREFIX, rowOf } from "./rows.ts";

/** A value larger than a row stands, encoded, in parts. */
export const partRowOf = (key: string, part: number): string => `${OWN_PREFIX}part:${part}:${key}`;

/** In how many parts the key's value stands; 0: it has a row, or none. */
export function partsOf(key: string, bookkeeping: Bookkeeping): number {
  const { parts } = bookkeeping.meta;
  return Object.hasOwn(parts, key) ? (parts[key] ?? 0) : 0;
}

/** Has the key stand in `count` parts from now on, and deletes those it no longer needs. */
function setParts(key: string, count: number, bookkeeping: Bookkeeping, batch: Batch): void {
  for (let part = count; part < partsOf(key, bookkeeping); part++) batch.deletes.add(partRowOf(key, part));
  bookkeeping.setParts(key, count);
}

/** Has nothing remembered of the key from now on: its value stands in its own row, in our form, or was never there. */
export function setPlain(key: string, bookkeeping: Bookkeeping, batch: Batch): void {
  if (!bookkeeping.says) return;
  bookkeeping.setGone(key, undefined);
  bookkeeping.setOurs(key);
  setParts(key, 0, bookkeeping, batch);
}

/** Notes in the batch that the key has no value: it is deleted, or `undefined`, which no row can hold. */
export function putNothing(key: string, raw: object, bookkeeping: Bookkeeping, batch: Batch): void {
  batch.deletes.add(rowOf(key));
  bookkeeping.setGone(key, Object.hasOwn(raw, key) ? "undefined" : "deleted");
  bookkeeping.setOurs(key);
  setParts(key, 0, bookkeeping, batch);
}

/** Has the batch write the key's row, or the parts of a value too large for one. Throws `PersistError`. */
export function putKey(
  key: string,
  raw: Readonly<Record<string, unknown>>,
  to: { readonly bookkeeping: Bookkeeping; readonly limits: StorageLimits; readonly batch: Batch },
): void {
  const { bookkeeping, limits, batch } = to;
  const row = rowOf(key);
  const maxBytes = maxBytesIn(row, key, limits);
  const found = ownValue(raw, key);
  if (found === undefined) {
    putNothing(key, raw, bookkeeping, batch);
    return;
  }
  const { value, bytes } = check(key, found);
  if (bytes <= maxBytes) {
    batch.puts[row] = value;
    setPlain(key, bookkeeping, batch);
    return;
  }
  // 32 bytes are more than the row's value needs around the piece.
  const pieces = cut(encode(value), maxBytesIn(partRowOf(key, 1_000_000), key, limits) - 32);
  for (const [part, piece] of pieces.entries()) batch.puts[partRowOf(key, part)] = piece.slice();
  batch.deletes.add(row);
  bookkeeping.setGone(key, undefined);
  bookkeeping.setOurs(key);
  setParts(key, pieces.length, bookkeeping, batch);
}

/** Bytes in pieces of at most that many. */
export function cut(bytes: Uint8Array, maxBytes: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += maxBytes) {
    pieces.push(bytes.subarray(start, start + maxBytes));
  }
  return pieces;
}
