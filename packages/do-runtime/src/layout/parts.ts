import type { Bookkeeping } from "./bookkeeping.ts";
import { type Batch, OWN_PREFIX } from "./rows.ts";

/** A value larger than a row stands, encoded, in parts. */
export const partRowOf = (key: string, part: number): string => `${OWN_PREFIX}part:${part}:${key}`;

/** Deletes the parts of a key that stands in its row from now on. */
export function removeParts(key: string, bookkeeping: Bookkeeping, batch: Batch): void {
  const { parts } = bookkeeping.meta;
  const count = Object.hasOwn(parts, key) ? (parts[key] ?? 0) : 0;
  for (let part = 0; part < count; part++) batch.deletes.add(partRowOf(key, part));
  bookkeeping.setParts(key, 0);
}
