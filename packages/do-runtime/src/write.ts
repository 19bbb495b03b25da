import { type Batch, countRows } from "./layout/rows.ts";
import { MAX_KEYS_PER_CALL } from "./limits.ts";
import { inCalls, type Storage, type SyncStorage } from "./storage.ts";
import type { TransactionWatch } from "./transactions.ts";

/**
 * Submits a batch now, all of it or nothing; resolves when storage has taken it (which isn't durable yet: the output gate and `sync()` are
 * for that). `undefined` where storage has taken it already.
 *
 * A SQLite-backed object takes it at once, a row by itself and several in a synchronous transaction, so that no promise is between the change
 * and the answer. A KV-backed one takes up to 128 keys a call, whole or not at all, and writes all calls of a turn at once.
 */
export function write(
  storage: Storage,
  batch: Batch,
  watch: TransactionWatch,
  isAlone: boolean,
): Promise<void> | undefined {
  const rows = countRows(batch);
  const { sqlite } = watch;
  if (sqlite === undefined) {
    const isOneCall = batch.deletes.size === 0 && rows <= MAX_KEYS_PER_CALL;
    return isOneCall ? storage.put(batch.puts) : writeInCalls(storage, batch);
  }
  try {
    if (rows === 1) writeRows(sqlite.kv, batch);
    else sqlite.transactionSync(() => writeRows(sqlite.kv, batch));
  } catch (error) {
    return Promise.reject(error);
  }
  watch.noteRows();
  return isAlone ? undefined : Promise.resolve();
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
