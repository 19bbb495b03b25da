import type { StorageLimits } from "../limits.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { putKey } from "./put-key.ts";
import type { Restored } from "./restore.ts";
import { type Batch, newBatch } from "./rows.ts";

/**
 * The rows that a log becomes when the layout is "keys" from now on: they are written before the program runs, since a row written
 * beside a log that still counts would be changed by it at the next wake.
 */
export function foldLog(restored: Restored, bookkeeping: Bookkeeping, limits: StorageLimits): Batch {
  const batch = newBatch();
  const values = Object.fromEntries(restored.values);
  for (const key of restored.log.keys) {
    putKey(key, values, { bookkeeping, limits, batch });
  }
  bookkeeping.update({ base: restored.log.highest });
  bookkeeping.addTo(batch);
  return batch;
}
