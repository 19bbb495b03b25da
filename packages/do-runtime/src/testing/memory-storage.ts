import { KV_LIMITS, MAX_KEYS_PER_CALL, MAX_LIST_KEYS, SQLITE_LIMITS, type StorageLimits } from "../limits.ts";
import type { ListOptions, Storage, StorageTransaction, SyncStorage } from "../storage.ts";
import { inspect } from "../values/encode.ts";
import { checkFilter, checkOperations, checkOptions } from "./check-given.ts";

/** How `memoryStorage()` behaves. */
export interface MemoryStorageOptions {
  /** Whose storage to be: that of a SQLite-backed object, with `kv` and `transactionSync`, or of a KV-backed one, with smaller limits. Default: `"sqlite"`. */
  readonly backend?: "sqlite" | "kv";
  /** What is stored at the start. */
  readonly rows?: Iterable<readonly [string, unknown]>;
  /** Awaited before a write settles, to try out slow and reordered answers. Default: two microtasks, as on the platform. */
  readonly settle?: () => Promise<void>;
}

/** One call of the storage, as `failWhen` sees it. */
export interface StorageCall {
  readonly method: "get" | "put" | "delete" | "list" | "commit";
  readonly keys: readonly string[];
}

/** What was done so far. */
export interface MemoryStorageCounts {
  /** Calls of `get` and `list`. */
  reads: number;
  /** Calls of `put` and of `kv.put`, however many keys each had; those in one `transactionSync` count as one. */
  puts: number;
  /** Calls of `delete`. */
  deletes: number;
  /** Rows written or deleted. */
  rowsWritten: number;
  /** Bytes of the values written, serialized, with their keys. */
  bytesWritten: number;
  /** Transactions committed, implicit ones included, that wrote something. */
  commits: number;
}

const deleted = Symbol("deleted");
type Row = { readonly value: unknown };
const absent: Row = { value: undefined };
type Journal = Map<string, Row | typeof deleted>;

/**
 * A Durable Object's storage in memory, for tests: it clones at the call, checks limits, has atomic puts, transactions, and one implicit
 * transaction per turn of the event loop with the output gate on it. It counts, and on demand loses power or fails calls.
 *
 * @example
 * const storage = memoryStorage();
 * const store = await persisted(storage, { state: { count: 0 } });
 * store.state.count++;
 * await store.flush();
 * const again = await persisted(storage.restart(), { state: { count: 0 } });
 * console.log(again.state.count); // 1
 */
export function memoryStorage(options: MemoryStorageOptions = {}): MemoryStorage {
  checkOptions(options);
  return new MemoryStorage(options);
}

/** The storage that `memoryStorage()` makes. */
export class MemoryStorage implements Storage {
  readonly counts: MemoryStorageCounts = {
    reads: 0,
    puts: 0,
    deletes: 0,
    rowsWritten: 0,
    bytesWritten: 0,
    commits: 0,
  };
  /** What `send` let out: everything written before it was durable then. */
  readonly delivered: unknown[] = [];
  readonly #options: MemoryStorageOptions;
  readonly #limits: StorageLimits;
  readonly #durable: Map<string, Row>;
  readonly #kv: SyncStorage;
  // What is not durable yet: the implicit transaction's journal at the bottom, those of open transactions above it.
  #journals: Journal[] = [];
  #held: unknown[] = [];
  #openTransactions = 0;
  /** How many of the asynchronous ones there are among them. */
  #closures = 0;
  /** Until then the next transaction waits. */
  #transactionsOver = Promise.resolve();
  #operationsLeft = Number.POSITIVE_INFINITY;
  #hasPower = true;
  #fails: (call: StorageCall) => boolean = () => false;
  // Rows, not keys: a write that is lost leaves the row before it as it was.
  readonly #unreadable = new WeakSet<Row>();

  constructor(options: MemoryStorageOptions) {
    this.#options = options;
    this.#limits = options.backend === "kv" ? KV_LIMITS : SQLITE_LIMITS;
    this.#durable = new Map(Array.from(options.rows ?? [], ([key, value]) => [key, { value }]));
    this.#kv = {
      get: <T>(key: string) => this.#read([key]).get(key) as T | undefined,
      // This one takes undefined as a value.
      put: (key, value) => this.#put([[key, value]]),
      delete: (key) => this.#delete([key]) === 1,
    };
  }

  // What a test does to it.

  /** A storage that holds what was durable, as a new process finds it. */
  restart(options: MemoryStorageOptions = this.#options): MemoryStorage {
    const rows = Array.from(this.#durable, ([key, row]) => [key, row.value] as const);
    const restarted = new MemoryStorage({ ...options, rows });
    for (const [key, row] of this.#durable) if (this.#unreadable.has(row)) restarted.makeUnreadable(key);
    return restarted;
  }

  /** Lets so many more operations (writes and commits) succeed; then the power goes: every call rejects, and what is not committed is lost. */
  cutPowerAfter(operations: number): void {
    checkOperations(operations);
    this.#operationsLeft = operations;
  }

  get hasPower(): boolean {
    return this.#hasPower;
  }

  /** Makes the calls for which the filter returns true fail and change nothing. A failed commit loses the turn's writes and cuts the power, as it resets an object. */
  failWhen(filter: (call: StorageCall) => boolean): void {
    checkFilter(filter);
    this.#fails = filter;
  }

  /** Makes every read of what is stored under this key fail, as a value that can't be deserialized does. */
  makeUnreadable(key: string): void {
    const row = this.#find(key);
    if (row !== undefined) this.#unreadable.add(row);
  }

  /** Sends a message as an object would: `delivered` gets it when everything written before it is durable, or never if the power goes before. */
  send(message: unknown): void {
    if (!this.#hasPower) return;
    if (this.#journals.length > 0) this.#held.push(message);
    else this.delivered.push(message);
  }

  /** What a read finds now, in the order of the keys; the values are the stored ones, not copies. */
  rows(): Map<string, unknown> {
    const rows = new Map(this.#durable);
    for (const journal of this.#journals) apply(journal, rows);
    const keys = [...rows.keys()].toSorted(compareKeys);
    return new Map(keys.map((key) => [key, rows.get(key)?.value] as const));
  }

  // The platform's interface.

  get kv(): SyncStorage {
    if (this.#options.backend !== "kv") return this.#kv;
    throw new Error("storage.kv is only available for SQLite-backed Durable Objects");
  }

  get sql(): { readonly databaseSize: number } {
    if (this.#options.backend !== "kv") return { databaseSize: 4096 };
    throw new Error("SQL is not enabled for this Durable Object class");
  }

  get<T>(key: string): Promise<T | undefined>;
  get<T>(keys: string[]): Promise<Map<string, T>>;
  async get<T>(keys: string | string[]): Promise<T | undefined | Map<string, T>> {
    if (typeof keys === "string") return this.#read([keys]).get(keys) as T | undefined;
    checkCount(keys.length);
    return this.#read(keys) as Map<string, T>;
  }

  async list<T>(options: ListOptions = {}): Promise<Map<string, T>> {
    const { start, startAfter, end, prefix = "", limit = MAX_LIST_KEYS, reverse = false } = options;
    if (start !== undefined && startAfter !== undefined)
      throw new TypeError("list() cannot be called with both start and startAfter values.");
    if (limit <= 0) throw new TypeError("List limit must be positive.");
    const keys = [...this.rows().keys()].filter(
      (key) =>
        key.startsWith(prefix) &&
        (start === undefined || compareKeys(key, start) >= 0) &&
        (startAfter === undefined || compareKeys(key, startAfter) > 0) &&
        (end === undefined || compareKeys(key, end) < 0),
    );
    if (reverse) keys.reverse();
    return this.#read(keys.slice(0, limit), "list") as Map<string, T>;
  }

  put<T>(key: string, value: T): Promise<void>;
  put<T>(entries: Record<string, T>): Promise<void>;
  async put(entries: string | Record<string, unknown>, value?: unknown): Promise<void> {
    let failure: { error: unknown } | undefined;
    try {
      if (typeof entries !== "string")
        this.#put(Object.entries(entries).filter(([, stored]) => stored !== undefined));
      else if (value === undefined) throw new TypeError("put() called with undefined value.");
      else this.#put([[entries, value]]);
    } catch (error) {
      failure = { error };
    }
    await this.#settle();
    if (failure !== undefined) throw failure.error;
  }

  delete(key: string): Promise<boolean>;
  delete(keys: string[]): Promise<number>;
  async delete(keys: string | string[]): Promise<boolean | number> {
    if (typeof keys !== "string") checkCount(keys.length);
    const count = this.#delete(typeof keys === "string" ? [keys] : keys);
    await this.#settle();
    return typeof keys === "string" ? count === 1 : count;
  }

  async deleteAll(): Promise<void> {
    if (this.#closures > 0) throw new Error("Cannot call deleteAll() within a transaction");
    this.#delete([...this.rows().keys()]);
    await this.#settle();
  }

  /** Does nothing: no alarm can be set here. */
  async deleteAlarm(): Promise<void> {}

  async sync(): Promise<void> {
    await this.#settle();
    if (!this.#hasPower) throw powerIsCut();
    if (this.#openTransactions === 0) this.#commit();
  }

  async transaction<T>(closure: (txn: StorageTransaction) => Promise<T>): Promise<T> {
    if (!this.#hasPower) throw powerIsCut();
    // One after the other; but what is opened while one runs is taken for a part of it, which must not wait for its end.
    const before = this.#closures > 0 ? undefined : this.#transactionsOver;
    const over = Promise.withResolvers<void>();
    if (this.#closures === 0) this.#transactionsOver = over.promise;
    const handle = new TransactionHandle(this);
    let journal: Journal | undefined;
    try {
      await before;
      journal = this.#begin();
      this.#closures++;
      const result = await closure(handle);
      this.#end(journal, !handle.isRolledBack);
      return result;
    } catch (error) {
      if (journal !== undefined) this.#end(journal, false);
      throw error;
    } finally {
      if (journal !== undefined) this.#closures--;
      handle.isOver = true;
      over.resolve();
    }
  }

  transactionSync<T>(closure: () => T): T {
    if (this.#options.backend === "kv")
      throw new Error("transactionSync() needs a SQLite-backed Durable Object");
    const journal = this.#begin();
    const { puts } = this.counts;
    try {
      const result = closure();
      this.#end(journal, true);
      return result;
    } catch (error) {
      this.#end(journal, false);
      throw error;
    } finally {
      this.counts.puts = Math.min(this.counts.puts, puts + 1);
    }
  }

  #begin(): Journal {
    if (!this.#hasPower) throw powerIsCut();
    this.#topJournal();
    const journal: Journal = new Map();
    this.#journals.push(journal);
    this.#openTransactions++;
    return journal;
  }

  #end(journal: Journal, keep: boolean): void {
    this.#openTransactions--;
    const index = this.#journals.indexOf(journal);
    // A power cut has thrown the journals away.
    if (index === -1) return;
    this.#journals.splice(index, 1);
    const below = this.#journals[index - 1];
    if (keep && below !== undefined) for (const [key, row] of journal) below.set(key, row);
  }

  /** The innermost transaction's journal; the implicit one lasts until the event loop's next turn, which begins with its commit. */
  #topJournal(): Journal {
    const top = this.#journals.at(-1);
    if (top !== undefined) return top;
    const implicit: Journal = new Map();
    this.#journals.push(implicit);
    this.#commitNextTurn(implicit);
    return implicit;
  }

  #commitNextTurn(implicit: Journal): void {
    setTimeout(() => {
      if (this.#journals[0] !== implicit) return;
      if (this.#openTransactions > 0) this.#commitNextTurn(implicit);
      // A commit that fails resets the object on the platform: nobody is there to be told.
      else this.#tryCommit();
    }, 0);
  }

  #tryCommit(): void {
    try {
      this.#commit();
    } catch {}
  }

  #commit(): void {
    const [journal] = this.#journals;
    if (journal === undefined) return;
    const held = this.#held;
    this.#journals = [];
    this.#held = [];
    if (journal.size > 0) {
      this.#spendOperation();
      if (this.#fails({ method: "commit", keys: [...journal.keys()] })) {
        this.#hasPower = false;
        throw new Error("the commit failed, as failWhen() said");
      }
      this.counts.commits++;
    }
    apply(journal, this.#durable);
    this.delivered.push(...held);
  }

  #spendOperation(): void {
    if (this.#hasPower && this.#operationsLeft > 0) {
      this.#operationsLeft--;
      return;
    }
    this.#hasPower = false;
    this.#journals = [];
    this.#held = [];
    throw powerIsCut();
  }

  #put(entries: readonly (readonly [string, unknown])[]): void {
    const keys = entries.map(([key]) => key);
    checkCount(keys.length);
    const written: [string, unknown][] = [];
    let bytes = 0;
    for (const [key, value] of entries) {
      const row: unknown = structuredClone(value);
      bytes += this.#checkSize(key, inspect(row, [key]).bytes);
      written.push([key, row]);
    }
    this.#operation("put", keys);
    this.counts.puts++;
    this.counts.rowsWritten += written.length;
    this.counts.bytesWritten += bytes;
    const journal = this.#topJournal();
    for (const [key, value] of written) {
      journal.set(key, { value });
    }
  }

  #delete(keys: readonly string[]): number {
    this.#operation("delete", keys);
    const present = new Set(keys.filter((key) => this.#find(key) !== undefined));
    this.counts.deletes++;
    this.counts.rowsWritten += present.size;
    const journal = this.#topJournal();
    for (const key of present) {
      journal.set(key, deleted);
    }
    return present.size;
  }

  #operation(method: "put" | "delete", keys: readonly string[]): void {
    this.#spendOperation();
    if (this.#fails({ method, keys })) throw failed(method, keys);
  }

  #read(keys: readonly string[], method: "get" | "list" = "get"): Map<string, unknown> {
    if (!this.#hasPower) throw powerIsCut();
    if (this.#fails({ method, keys })) throw failed(method, keys);
    this.counts.reads++;
    const unreadable = keys.find((key) => this.#unreadable.has(this.#find(key) ?? absent));
    if (unreadable !== undefined) throw new Error(`Unable to deserialize the value of "${unreadable}"`);
    const found = new Map<string, unknown>();
    for (const key of method === "list" ? keys : keys.toSorted(compareKeys)) {
      const row = this.#find(key);
      if (row !== undefined) found.set(key, structuredClone(row.value));
    }
    return found;
  }

  #find(key: string): Row | undefined {
    for (let index = this.#journals.length - 1; index >= 0; index--) {
      const row = this.#journals[index]?.get(key);
      if (row !== undefined) return row === deleted ? undefined : row;
    }
    return this.#durable.get(key);
  }

  #checkSize(key: string, valueBytes: number): number {
    const { maxKeyBytes, maxValueBytes, keyCounts } = this.#limits;
    const keyBytes = new TextEncoder().encode(key).length;
    if (keyBytes > maxKeyBytes) {
      throw new RangeError(`Keys cannot be larger than ${maxKeyBytes} bytes. A key was ${keyBytes}.`);
    }
    if (valueBytes + (keyCounts ? keyBytes : 0) > maxValueBytes) {
      throw new RangeError(`Values cannot be larger than ${maxValueBytes} bytes. A value was ${valueBytes}.`);
    }
    return keyBytes + valueBytes;
  }

  async #settle(): Promise<void> {
    if (this.#options.settle !== undefined) return this.#options.settle();
    await Promise.resolve();
    await Promise.resolve();
  }
}

/** By their bytes in UTF-8, as the platform orders keys: half a surrogate pair stands for what comes after U+FFFF. */
function compareKeys(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return rankAt(a, at) - rankAt(b, at);
}

function rankAt(key: string, at: number): number {
  if (at >= key.length) return -1;
  const unit = key.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

function powerIsCut(): Error {
  return new Error("the power is cut; go on with what restart() gives");
}

function failed(method: string, keys: readonly string[]): Error {
  return new Error(`${method} of ${keys.join(", ")} failed, as failWhen() said`);
}

function checkCount(keys: number): void {
  if (keys > MAX_KEYS_PER_CALL) {
    throw new RangeError(`${keys} keys in one call, the limit is ${MAX_KEYS_PER_CALL}; make several calls`);
  }
}

function apply(journal: Journal, rows: Map<string, Row>): void {
  for (const [key, row] of journal) {
    if (row === deleted) rows.delete(key);
    else rows.set(key, row);
  }
}

/** Refuses what the platform refuses: to be used when its transaction was rolled back, or is over. */
class TransactionHandle implements StorageTransaction {
  isRolledBack = false;
  isOver = false;
  readonly get: Storage["get"] = (...args: unknown[]) => this.#call("get", args);
  readonly put: Storage["put"] = (...args: unknown[]) => this.#call("put", args);
  readonly delete: Storage["delete"] = (...args: unknown[]) => this.#call("delete", args);
  readonly list: Storage["list"] = (...args: unknown[]) => this.#call("list", args);
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  rollback(): void {
    this.isRolledBack = true;
  }

  async #call(method: "get" | "put" | "delete" | "list", args: unknown[]): Promise<never> {
    if (this.isOver) throw new Error(`Cannot call ${method}() on transaction that has already committed`);
    if (this.isRolledBack) throw new Error(`Cannot ${method}() on rolled back transaction`);
    return Reflect.apply(this.#storage[method], this.#storage, args) as Promise<never>;
  }
}
