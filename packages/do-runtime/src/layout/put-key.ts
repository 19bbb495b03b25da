import type { StorageLimits } from "../limits.ts";
import { check, maxBytesIn } from "../values/checked.ts";
import { encode } from "../values/encode-bytes.ts";
import { ownValue } from "../values/own-value.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { partRowOf, putNothing, setParts, setPlain } from "./parts.ts";
import { type Batch, rowOf } from "./rows.ts";

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
