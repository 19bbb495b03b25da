import { type Batch, countRows } from "./layout/rows.ts";
import { MAX_KEYS_PER_CALL } from "./limits.ts";
import { inCalls, type Storage, type SyncStorage } from "./storage.ts";
import type { TransactionWatch } from "./transactions.ts";

/**
 * Submits a batch now, all of it or nothing; resolves when storage has taken it (which isn't durable yet: the output gate and `sync()` are
 * for that). `undefined` where storage has taken it already.
 *
 * One `put` takes up to 128 keys, whole or not at all. What needs more calls is made one by a synchronous transaction; KV-backed objects have
 * none, but write all calls of a turn at once.
 */
export function write(
  storage: Storage,
  batch: Batch,
  watch: TransactionWatch,
  isAlone: boolean,
): Promise<void> | undefined {
  const { puts, deletes } = batch;
  const { emptied, kv } = watch;
  const rows = countRows(batch);
  const isOneCall = deletes.size === 0 && rows <= MAX_KEYS_PER_CALL;
  const isRow = rows === 1;
  if (kv !== undefined && ((isRow && isAlone) || !isOneCall)) {
    try {
      if (isRow) writeRows(kv, batch);
      else watch.ownTransactionSync?.(() => writeRows(kv, batch));
    } catch (error) {
      return Promise.reject(error);
    }
    watch.noteRows(emptied);
    return isAlone ? undefined : Promise.resolve();
  }
  const written = isOneCall ? storage.put(puts) : writeInCalls(storage, batch);
  return watch.hasRows ? written : written.then(() => watch.noteRows(emptied));
}

function writeRows(kv: SyncStorage, { puts, deletes }: Batch): void {
  for (const [row, value] of Object.entries(puts)) kv.put(row, value);
  for (const row of deletes) kv.delete(row);
}

async function writeInCalls(storage: Storage, { puts, deletes }: Batch): Promise<void> {
  // What can't be cloned would have its own call refused, and not the others.
  structuredClone(puts);
  const calls: Promise<unknown>[] = [];
  for (const some of inCalls(Object.entries(puts))) calls.push(storage.put(Object.fromEntries(some)));
  for (const some of inCalls([...deletes])) calls.push(storage.delete(some));
  await Promise.all(calls);
}
