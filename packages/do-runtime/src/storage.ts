// The narrow seam to a Durable Object's storage: `ctx.storage` fits it, and so does `memoryStorage()`.

/** What `list` takes. */
export interface ListOptions {
  start?: string;
  startAfter?: string;
  end?: string;
  prefix?: string;
  limit?: number;
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
 * `transactionSync` and `kv` may be missing or throw, as on KV-backed objects: then there is no way to take the output gate
 * before the put, and writes of more than one call go through `transaction`.
 */
export interface Storage extends StorageOperations {
  transaction<T>(closure: (txn: StorageTransaction) => Promise<T>): Promise<T>;
  sync(): Promise<void>;
  transactionSync?<T>(closure: () => T): T;
  readonly kv?: SyncStorage;
}

/** What a storage can do, found out once for each. */
export interface StorageAbilities {
  /** The synchronous operations; only SQLite-backed objects have them. */
  readonly kv: SyncStorage | undefined;
  /** Makes whatever is sent from now on wait until what is written in this turn is stored. */
  readonly takeGate: (() => void) | undefined;
}

const abilities = new WeakMap<Storage, StorageAbilities>();
const nothing = (): void => {};

/** Finds out what the storage can do; trying is the only way, since KV-backed objects have the same methods, which throw. */
export function abilitiesOf(storage: Storage): StorageAbilities {
  const known = abilities.get(storage);
  if (known !== undefined) return known;
  const kv = workingKv(storage);
  const found = { kv, takeGate: kv === undefined ? undefined : workingGate(storage) };
  abilities.set(storage, found);
  return found;
}

function workingKv(storage: Storage): SyncStorage | undefined {
  try {
    const { kv } = storage;
    if (kv === undefined || storage.transactionSync === undefined) return undefined;
    kv.get("_dormouse:probe");
    return kv;
  } catch {
    return undefined;
  }
}

function workingGate(storage: Storage): (() => void) | undefined {
  try {
    storage.transactionSync?.(nothing);
  } catch {
    return undefined;
  }
  return () => storage.transactionSync?.(nothing);
}
