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
export function setParts(key: string, count: number, bookkeeping: Bookkeeping, batch: Batch): void {
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
