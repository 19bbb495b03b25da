// The narrow seam to a Durable Object's storage: `ctx.storage` fits it, and so does `memoryStorage()`.
import { MAX_KEYS_PER_CALL } from "./limits.ts";

/** What `list` takes. */
export interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  limit?: number;
  reverse?: boolean;
}

/** The asynchronous operations, outside a transaction or on its handle. */
export interface StorageOperations {
  get<T = unknown>(key: string): Promise<T | undefined>;
  get<T = unknown>(keys: string[]): Promise<Map<string, T>>;
  put<T>(key: string, value: T): Promise<void>;
  put<T>(entries: Record<string, T>): Promise<void>;
  delete(key: string): Promise<boolean>;
  delete(keys: string[]): Promise<number>;
  list<T = unknown>(options?: ListOptions): Promise<Map<string, T>>;
}

/** The synchronous key-value operations of SQLite-backed objects (`storage.kv`). */
export interface SyncStorage {
  get<T = unknown>(key: string): T | undefined;
  put<T>(key: string, value: T): void;
  delete(key: string): boolean;
}

/** The handle given to the function of `transaction`. */
export interface StorageTransaction extends StorageOperations {
  rollback(): void;
}

/**
 * The part of `DurableObjectStorage` that persistence uses; `ctx.storage` is one.
 *
 * `transactionSync`, `kv` and `sql` may be missing or throw, as on KV-backed objects: then there is no way to take the output gate
 * before the put.
 */
export interface Storage extends StorageOperations {
  transaction<T>(closure: (txn: StorageTransaction) => Promise<T>): Promise<T>;
  sync(): Promise<void>;
  deleteAll?(options?: unknown): Promise<void>;
  transactionSync?<T>(closure: () => T): T;
  readonly kv?: SyncStorage;
  readonly sql?: { readonly databaseSize: number };
}

/** What only a SQLite-backed object has. */
export interface SqliteStorage {
  readonly kv: SyncStorage;
  readonly transactionSync: NonNullable<Storage["transactionSync"]>;
}

/**
 * Its synchronous part, if the object is SQLite-backed.
 *
 * KV-backed objects have the same properties, which throw when they are used: trying is the only way to know, and the size of the
 * database is what can be asked for without reading a row.
 */
export function sqliteOf(storage: Storage): SqliteStorage | undefined {
  try {
    const { kv, sql, transactionSync } = storage;
    if (kv === undefined || transactionSync === undefined || sql === undefined) return undefined;
    return sql.databaseSize >= 0 ? { kv, transactionSync: transactionSync.bind(storage) } : undefined;
  } catch {
    return undefined;
  }
}

/** The items in groups that one call takes. */
export function inCalls<T>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += MAX_KEYS_PER_CALL) {
    groups.push(items.slice(start, start + MAX_KEYS_PER_CALL));
  }
  return groups;
}
