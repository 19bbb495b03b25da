import { type SqliteStorage, sqliteOf, type Storage, type StorageTransaction } from "./storage.ts";

/** Never there: deleting it takes the output gate, and that is all. */
const GATE_ROW = "_dormouse:gate";

/** A state that is bound to the storage. */
export interface StorageListener {
  /** A transaction is about to open: what was changed before must not become part of it. */
  beforeTransaction(): void;
  /** All that is stored is about to be deleted. Answers what to call where it isn't: where storage refuses, as it does inside a transaction. */
  forget(): () => void;
}

/**
 * Knows when a transaction of the user's is open.
 *
 * A put submitted while `storage.transaction()` or `transactionSync()` is open joins it, and vanishes when it rolls back though the put
 * itself succeeded. The platform does not say that one is open, so the two methods of this one storage object are wrapped; and
 * `deleteAll`, after which nothing of what we know to be stored is there.
 */
export class TransactionWatch {
  /** For our own writes: its `transactionSync` is not watched. Undefined on KV-backed objects. */
  readonly sqlite: SqliteStorage | undefined;
  readonly #listeners = new Set<StorageListener>();
  /** Whether something was stored since `deleteAll()`, so that there is a table for `kv` to write to. */
  #hasRows = false;
  #open = 0;
  #closed = Promise.withResolvers<void>();

  constructor(storage: Storage) {
    this.sqlite = sqliteOf(storage);
    const { transaction, transactionSync } = storage;
    storage.transaction = async <T>(closure: (txn: StorageTransaction) => Promise<T>): Promise<T> => {
      this.#enter();
      try {
        return (await transaction.call(storage, closure)) as T;
      } finally {
        this.#leave();
      }
    };
    const { deleteAll } = storage;
    if (deleteAll !== undefined) {
      storage.deleteAll = async (options?: unknown) => {
        this.#hasRows = false;
        const listeners = Array.from(this.#listeners, ({ forget }) => forget());
        try {
          await deleteAll.call(storage, options);
        } catch (error) {
          for (const kept of listeners) kept();
          throw error;
        }
      };
    }
    if (transactionSync === undefined) return;
    storage.transactionSync = <T>(closure: () => T): T => {
      this.#enter();
      try {
        return transactionSync.call(storage, closure) as T;
      } finally {
        this.#leave();
      }
    };
  }

  /** Whether what is put now would share the fate of a user's transaction. */
  get isOpen(): boolean {
    return this.#open > 0;
  }

  /** Resolves when the transactions that are open are over; there may be a new one then. */
  closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Has the listener hear of what the user does with the storage; answers how to end that. */
  listen(listener: StorageListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether more than one state is bound to the storage. */
  get isShared(): boolean {
    return this.#listeners.size > 1;
  }

  /** Notes that there is at least one row. */
  noteRows(): void {
    this.#hasRows = true;
  }

  /** Holds back what is sent from now on until what this turn writes is stored. */
  takeGate(): void {
    try {
      // Whatever may write takes the gate. Deleting a row that never is there writes nothing, and is one prepared statement where an empty
      // transaction is two that SQLite parses each time; but before there is a table it would be none at all.
      if (this.#hasRows) this.sqlite?.kv.delete(GATE_ROW);
      else this.sqlite?.transactionSync(() => {});
    } catch {
      // A storage that is out of order says so when it is written to, and not to the assignment that led here.
    }
  }

  #enter(): void {
    for (const { beforeTransaction } of this.#listeners) beforeTransaction();
    this.#open++;
  }

  #leave(): void {
    this.#open--;
    if (this.#open > 0) return;
    this.#closed.resolve();
    this.#closed = Promise.withResolvers();
  }
}

const watches = new WeakMap<Storage, TransactionWatch>();

/** The watch on this storage: one, however many states are bound to it. */
export function watchTransactions(storage: Storage): TransactionWatch {
  let watch = watches.get(storage);
  if (watch === undefined) {
    watch = new TransactionWatch(storage);
    watches.set(storage, watch);
  }
  return watch;
}
