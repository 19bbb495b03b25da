import { describe, PersistError, toError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import type { Storage } from "../storage.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import type { Migrate, Wanted } from "./layout.ts";
import { putNothing, setPlain } from "./parts.ts";
import { putKey } from "./put-key.ts";
import { listRows } from "./read.ts";
import { bookkeepingFor, restore, type Restored } from "./restore.ts";
import { type Batch, KEY_PREFIX, newBatch, rowOf } from "./rows.ts";

/** Whether something was written, so that what is stored has to be read again. Throws `PersistError`, and nothing is written then. */
export async function migrate(storage: Storage, restored: Restored, wanted: Wanted): Promise<boolean> {
  const { layout, version, limits } = wanted;
  const from = restored.meta?.version ?? 0;
  if (from > version) {
    throw new PersistError("STORED_VERSION_NEWER", {
      message: `what is stored is of version ${from}, the program's version is ${version}; deploy the version that wrote it, or a newer one`,
    });
  }
  if (wanted.migrate === undefined) return false;
  let failure: unknown;
  const rows = await listRows(storage, KEY_PREFIX).catch((error: unknown) => void (failure = error));
  // Without a record there may still be keys, of which the program wants none any more.
  if (restored.meta === undefined && rows?.size === 0) return false;
  const stored = Array.from(rows?.keys() ?? [], (row) => row.slice(KEY_PREFIX.length));
  // What is too large for a row, or undefined, has none.
  const { parts = {}, gone = {} } = restored.meta ?? {};
  const all = new Set([...wanted.keys, ...stored, ...Object.keys(parts), ...Object.keys(gone)]);
  const old = await restore(storage, [...all], layout);
  const bookkeeping = bookkeepingFor(old, { layout, version });
  try {
    // One row that can't be read makes the list fail: then only the keys known by name are migrated, and the others stay as they are. Where
    // it is none of these, there may be any. Of a key that the log has a later value of it is read all the same.
    const isKnown = old.rows.errors.keys().some((row) => row.startsWith(KEY_PREFIX));
    if (rows === undefined && !isKnown) throw failure;
    // What was written here would put the log out of use, and with it what a later reader may still make of the key.
    for (const key of old.log.keys.intersection(old.unreadable)) throw old.unreadable.get(key);
    await wanted.write(await migrated(old, wanted.migrate, from, { bookkeeping, limits }));
  } catch (cause) {
    throw new PersistError("MIGRATION_FAILED", {
      message: `migrate failed on what version ${from} stored, which stays as it was: ${toError(cause).message}; mend migrate and deploy again`,
      cause,
    });
  }
  return true;
}

async function migrated(
  restored: Restored,
  migrate: Migrate,
  from: number,
  to: { readonly bookkeeping: Bookkeeping; readonly limits: StorageLimits },
): Promise<Batch> {
  const { bookkeeping, limits } = to;
  const old = Object.fromEntries(restored.values);
  const batch = newBatch();
  const made: unknown = (await migrate(old, from)) ?? old;
  if (typeof made !== "object" || made === null)
    throw new TypeError(
      `it returned ${describe(made)}; return an object, or nothing where it changed the one it was given`,
    );
  for (const key of Object.keys(made))
    putKey(key, made as Record<string, unknown>, { bookkeeping, limits, batch });
  for (const key of restored.values.keys()) {
    if (Object.hasOwn(made, key)) continue;
    batch.deletes.add(rowOf(key));
    setPlain(key, bookkeeping, batch);
  }
  // What the log has told of them counts no more: not even that they are deleted.
  for (const key of restored.deleted)
    if (!Object.hasOwn(made, key)) putNothing(key, made, bookkeeping, batch);
  bookkeeping.update({ base: restored.log.highest });
  bookkeeping.addTo(batch);
  return batch;
}
