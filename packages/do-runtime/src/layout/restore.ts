import { PersistError } from "../errors.ts";
import type { Storage } from "../storage.ts";
import { Bookkeeping } from "./bookkeeping.ts";
import { FORMAT, type LayoutName, parseMeta } from "./meta.ts";
import { readRows, type RowsRead } from "./read.ts";
import { META_ROW, rowOf } from "./rows.ts";
import { parseVerani } from "./verani.ts";

/** What a wake found. */
export interface Restored {
  /** The values stored, by key; `undefined` among them. */
  readonly values: Map<string, unknown>;
  /** Keys that were deleted: their defaults don't count. */
  readonly deleted: Set<string>;
  /** Keys whose value is stored but can't be read. */
  readonly unreadable: Map<string, PersistError>;
  readonly bookkeeping: Bookkeeping;
  /** Whether the rows are Verani's: the first flush rewrites them all. */
  readonly isForeign: boolean;
}

/** Reads the keys back, in one read when nothing is broken. */
export async function restore(
  storage: Storage,
  keys: readonly string[],
  wanted: { readonly layout: LayoutName; readonly version: number },
): Promise<Restored> {
  const rows = await readRows(storage, [META_ROW, ...keys.map(rowOf)]);
  if (rows.errors.has(META_ROW)) {
    throw new PersistError("STORED_VALUE_UNREADABLE", {
      message: `the record "${META_ROW}" can't be read, and without it nothing tells what is stored`,
      cause: rows.errors.get(META_ROW),
    });
  }
  const meta = parseMeta(rows.values.get(META_ROW));
  const blank = { format: FORMAT, gone: {}, foreign: [], parts: {}, base: 0, ...wanted };
  const bookkeeping = new Bookkeeping({ ...(meta ?? blank), ...wanted }, { stored: meta !== undefined });
  if (meta !== undefined && (meta.layout !== wanted.layout || meta.version !== wanted.version))
    bookkeeping.update({});
  const restored: Restored = {
    values: new Map(),
    deleted: new Set(),
    unreadable: new Map(),
    bookkeeping,
    isForeign: meta === undefined,
  };
  for (const key of keys) readKey(key, rows, restored);
  // Until their first flush all rows there are Verani's; each key that is written becomes ours.
  if (meta === undefined)
    bookkeeping.update({ foreign: [...restored.values.keys(), ...restored.unreadable.keys()] });
  return restored;
}

function readKey(
  key: string,
  rows: RowsRead,
  { bookkeeping, values, deleted, unreadable, isForeign }: Restored,
): void {
  const row = rowOf(key);
  const { gone, foreign } = bookkeeping.meta;
  if (rows.errors.has(row)) {
    unreadable.set(key, unreadableError(key, row, rows.errors.get(row)));
  } else if (rows.values.has(row)) {
    const stored = rows.values.get(row);
    if (!isForeign && !foreign.includes(key)) {
      values.set(key, stored);
      return;
    }
    try {
      values.set(key, parseVerani(stored));
    } catch (error) {
      unreadable.set(key, unreadableError(key, row, error));
    }
  } else if (Object.hasOwn(gone, key)) {
    if (gone[key] === "deleted") deleted.add(key);
    else values.set(key, undefined);
  }
}

function unreadableError(key: string, row: string, cause: unknown): PersistError {
  return new PersistError("STORED_VALUE_UNREADABLE", {
    key,
    message: `what is stored in "${row}" can't be read; it stays as it is until "${key}" is assigned`,
    cause,
  });
}
