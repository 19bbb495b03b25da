import { describe, PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { putKey, setParts } from "./parts.ts";
import type { Restored } from "./restore.ts";
import { type Batch, newBatch, rowOf } from "./rows.ts";

/**
 * Makes the state of the running version out of what an older one stored, by changing `old` or by returning the new state.
 *
 * `old` has every key that is stored, also those that are no longer persisted. Keys it doesn't keep are deleted.
 */
export type Migrate = (
  old: Record<string, unknown>,
  fromVersion: number,
) => object | undefined | void | Promise<object | undefined | void>;

/** Runs the migration; answers the one batch that makes it so. Throws `PersistError` if it throws, and nothing is written then. */
export async function migrated(
  restored: Restored,
  migrate: Migrate,
  from: number,
  to: { readonly bookkeeping: Bookkeeping; readonly limits: StorageLimits },
): Promise<Batch> {
  const { bookkeeping, limits } = to;
  const old = Object.fromEntries(restored.values);
  const batch = newBatch();
  try {
    const made: unknown = (await migrate(old, from)) ?? old;
    if (typeof made !== "object" || made === null)
      throw new TypeError(`migrate returned ${describe(made)}, no object`);
    for (const key of Object.keys(made))
      putKey(key, made as Record<string, unknown>, { bookkeeping, limits, batch });
    for (const key of restored.values.keys()) {
      if (Object.hasOwn(made, key)) continue;
      batch.deletes.add(rowOf(key));
      setParts(key, 0, bookkeeping, batch);
      bookkeeping.setGone(key, undefined);
      bookkeeping.setOurs(key);
    }
  } catch (cause) {
    throw new PersistError("MIGRATION_FAILED", {
      message: `migrate failed on what version ${from} stored, which stays as it was: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
  bookkeeping.update({ base: restored.log.highest });
  bookkeeping.addTo(batch);
  return batch;
}
