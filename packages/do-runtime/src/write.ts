import type { Batch } from "./layout/rows.ts";
import { MAX_KEYS_PER_CALL } from "./limits.ts";
import { inCalls, isSqliteBacked, type Storage } from "./storage.ts";
import type { TransactionWatch } from "./transactions.ts";

/**
 * Submits a batch now, all of it or nothing; resolves when storage has taken it (which isn't durable yet: the output gate and `sync()` are
 * for that).
 *
 * One `put` takes up to 128 keys, whole or not at all. What needs more calls is made one by a synchronous transaction; KV-backed objects have
 * none, but write all calls of a turn at once.
 */
export function write(storage: Storage, batch: Batch, watch: TransactionWatch): Promise<void> {
  const { puts, deletes } = batch;
  if (puts.size <= MAX_KEYS_PER_CALL && deletes.size === 0) return storage.put(Object.fromEntries(puts));
  const kv = isSqliteBacked(storage) ? storage.kv : undefined;
  if (kv === undefined) return writeInCalls(storage, batch);
  try {
    watch.ownTransactionSync(() => {
      for (const [row, value] of puts) kv.put(row, value);
      for (const row of deletes) kv.delete(row);
    });
    return Promise.resolve();
  } catch (error) {
    return Promise.reject(error);
  }
}

async function writeInCalls(storage: Storage, { puts, deletes }: Batch): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (const some of inCalls([...puts])) calls.push(storage.put(Object.fromEntries(some)));
  for (const some of inCalls([...deletes])) calls.push(storage.delete(some));
  await Promise.all(calls);
}
