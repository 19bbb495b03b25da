// Counts what goes into a Durable Object's storage, whoever writes it and however.
import { cloneSize } from "./clone-size.ts";

export interface StorageCounts {
  /** Calls of `put`, `kv.put`, or SQL statements that write; those in one `transactionSync` count as one. */
  puts: number;
  /** Calls of `delete` that found a row: what finds none writes nothing. */
  deletes: number;
  /** Bytes of keys and serialized values, or of the values bound to a statement that writes. */
  bytes: number;
  /** Calls of `get`, `list`, `kv.get`, or SQL statements that only read. */
  reads: number;
}

/** The part of `ctx.storage` that is counted; a method that is missing is not. */
export interface CountedStorage {
  readonly sql?: object;
  readonly kv?: object;
}

/**
 * Wraps the methods of `storage` itself, so that code which was handed the real `ctx` is counted too. The numbers of the
 * returned object grow from then on.
 */
export function countStorage(storage: CountedStorage): StorageCounts {
  const counts: StorageCounts = { puts: 0, deletes: 0, bytes: 0, reads: 0 };
  const onPut = (first: unknown, second: unknown) => {
    counts.puts++;
    const entries = typeof first === "string" ? [[first, second] as const] : Object.entries(Object(first));
    for (const [key, value] of entries) counts.bytes += key.length + cloneSize(value);
  };
  const onRead = () => void counts.reads++;
  const onDelete = (found: unknown) => {
    if (found instanceof Promise) found.then(onDelete, () => {});
    else if (Number(found) > 0) counts.deletes++;
  };

  replace(storage, "transactionSync", (transactionSync) => (closure) => {
    const { puts } = counts;
    try {
      return transactionSync(closure);
    } finally {
      counts.puts = Math.min(counts.puts, puts + 1);
    }
  });
  observe(storage, "put", onPut);
  observe(storage, "delete", nothing, onDelete);
  observe(storage, "get", onRead);
  observe(storage, "list", onRead);
  const kv = working(() => storage.kv);
  if (kv) {
    observe(kv, "put", onPut);
    observe(kv, "delete", nothing, onDelete);
    observe(kv, "get", onRead);
    observe(kv, "list", onRead);
  }
  const sql = working(() => storage.sql);
  if (sql) {
    observe(sql, "exec", (query, ...bindings) => {
      if (!/^\s*(insert|update|delete|replace)\b/i.test(String(query))) return onRead();
      counts.puts++;
      for (const binding of bindings) counts.bytes += bindingSize(binding);
    });
  }
  return counts;
}

/** On a KV-backed object the properties exist and throw. */
function working(read: () => object | undefined): object | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const nothing = () => {};

function observe(
  owner: object,
  name: string,
  onCall: (...args: unknown[]) => void,
  onResult: (result: unknown) => void = nothing,
): void {
  replace(owner, name, (method) => (...args) => {
    onCall(...args);
    const result = method(...args);
    onResult(result);
    return result;
  });
}

type Method = (...args: unknown[]) => unknown;

function replace(owner: object, name: string, by: (method: Method) => Method): void {
  const method: unknown = Reflect.get(owner, name);
  if (typeof method !== "function") return;
  Object.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    value: by(method.bind(owner) as Method),
  });
}

function bindingSize(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).byteLength;
  if (value instanceof ArrayBuffer) return value.byteLength;
  return value === null ? 0 : 8;
}

/** Rows written since the database was opened, by SQLite's own count. */
export function rowsWritten(sql: { exec(query: string): { one(): unknown } }): number {
  const row = sql.exec("select total_changes() as rows").one() as { rows: number };
  return row.rows;
}
