import { PersistError } from "../errors.ts";
import { MAX_LIST_KEYS } from "../limits.ts";
import { inCalls, type Storage } from "../storage.ts";

/** What was found in rows: their values, and the errors of those that can't be read. */
export interface RowsRead {
  readonly values: Map<string, unknown>;
  readonly errors: Map<string, unknown>;
}

/** Reads rows in as few calls as the limit allows, all at once. One unreadable row fails its whole call: then each is read by itself. */
export async function readRows(storage: Storage, rows: readonly string[]): Promise<RowsRead> {
  const read: RowsRead = { values: new Map(), errors: new Map() };
  const readOne = async (row: string): Promise<void> => {
    try {
      const value: unknown = await storage.get(row);
      if (value !== undefined) read.values.set(row, value);
    } catch (error) {
      read.errors.set(row, error);
    }
  };
  const readGroup = async (group: string[]): Promise<void> => {
    try {
      for (const [row, value] of await storage.get<unknown>(group)) read.values.set(row, value);
    } catch {
      await Promise.all(group.map(readOne));
    }
  };
  await Promise.all(inCalls(rows).map(readGroup));
  return read;
}

/** All rows with the prefix, a page of the platform's size at a time. Rejects if one can't be read. */
export async function listRows(storage: Storage, prefix: string): Promise<Map<string, unknown>> {
  const rows = new Map<string, unknown>();
  let startAfter = "";
  for (;;) {
    const page = await storage.list<unknown>({ prefix, ...(startAfter !== "" && { startAfter }) });
    for (const [row, value] of page) {
      rows.set(row, value);
      startAfter = row;
    }
    if (page.size < MAX_LIST_KEYS) return rows;
  }
}

/** The error for a key whose value is stored, `where`, but can't be read. */
export function unreadableValue(key: string, where: string, cause: unknown): PersistError {
  return new PersistError("STORED_VALUE_UNREADABLE", {
    key,
    message: `what is stored for "${key}" in ${where} can't be read; it stays as it is until "${key}" is assigned`,
    cause,
  });
}
