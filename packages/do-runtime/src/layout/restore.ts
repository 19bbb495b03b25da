import type { PersistError } from "../errors.ts";
import type { Storage } from "../storage.ts";
import { Bookkeeping } from "./bookkeeping.ts";
import type { Log } from "./log-read.ts";
import { FORMATS, type LayoutName, type Meta, parseMeta } from "./meta.ts";
import { readRows, type RowsRead, unreadableValue } from "./read.ts";
import { META_ROW, rowOf } from "./rows.ts";

/** What a wake found. */
export interface Restored {
  /** The values stored, by key; `undefined` among them, and keys that are in the log though nobody asked for them. */
  readonly values: Map<string, unknown>;
  /** Keys that were deleted: their defaults don't count. */
  readonly deleted: Set<string>;
  /** Keys whose value is stored but can't be read. */
  readonly unreadable: Map<string, PersistError>;
  /** What concerns no single key: rows of the log that can't be read. */
  readonly errors: readonly PersistError[];
  /** The record as it is stored, if there is one. */
  readonly meta: Meta | undefined;
  /** Keys whose rows hold Verani's JSON, those included that nobody asked for. */
  readonly foreign: readonly string[];
  readonly log: Log;
  /** What was read, and why what wasn't. */
  readonly rows: RowsRead;
}

export const EMPTY_LOG: Log = {
  snapshot: undefined,
  keys: new Set(),
  good: 0,
  highest: 0,
  records: [],
  slots: new Map(),
  nextSegment: 0,
  bytes: 0,
  errors: [],
};

/** Reads the keys back, whatever layout they are in; in one read when they are in the layout that is wanted and nothing is broken. */
export async function restore(
  storage: Storage,
  keys: readonly string[],
  wanted: LayoutName,
): Promise<Restored> {
  const logRows = wanted === "log" ? (await import("./seldom.ts")).FIRST_LOG_ROWS : [];
  const names = [META_ROW, ...keys.map(rowOf), ...logRows];
  const rows = await readRows(storage, names);
  const stored = rows.values.get(META_ROW);
  const meta = parseMeta(stored);
  if (stored === undefined ? rows.errors.has(META_ROW) : meta === undefined) {
    const { metaError, wrongMeta } = await import("./seldom.ts");
    throw stored === undefined ? metaError(rows.errors.get(META_ROW)) : wrongMeta(stored);
  }
  const log = await findLog(storage, rows, meta, wanted);
  const restored: Restored = {
    values: new Map(),
    deleted: new Set(),
    unreadable: new Map(),
    errors: log.errors,
    meta,
    foreign: meta?.foreign ?? (await foreignKeys(storage, rows)),
    log,
    rows,
  };
  // The log may be about keys that the program no longer persists: a checkpoint has to write them, too.
  const others = [...log.keys.difference(new Set(keys))];
  if (others.length > 0) merge(rows, await readRows(storage, others.map(rowOf)));
  const all = [...keys, ...others];
  const inParts = meta === undefined ? [] : all.filter((key) => Object.hasOwn(meta.parts, key));
  const parts = await readInParts(storage, inParts, meta);
  const parse = restored.foreign.length > 0 ? (await import("./seldom.ts")).parseVerani : undefined;
  for (const key of all) readKey(key, rows, parts, restored, parse);
  if (log.keys.size > 0) (await import("./seldom.ts")).applyLog(log, restored);
  return restored;
}

function merge(into: RowsRead, { values, errors }: RowsRead): void {
  for (const [row, value] of values) into.values.set(row, value);
  for (const [row, error] of errors) into.errors.set(row, error);
}

/** The record to go on with: what is stored, in the layout and version that are wanted. */
export function bookkeepingFor(
  { meta, log, foreign }: Restored,
  wanted: { readonly layout: LayoutName; readonly version: number },
): Bookkeeping {
  const format = FORMATS[wanted.layout];
  if (meta === undefined)
    return new Bookkeeping({ format, gone: {}, foreign, parts: {}, base: 0, ...wanted }, "none");
  if (meta.layout === wanted.layout && meta.version === wanted.version && meta.format === format)
    return new Bookkeeping(meta, "same");
  // A log that begins must not count the slots that an earlier one has left.
  const base = meta.layout === "log" ? meta.base : Math.max(meta.base, log.highest);
  return new Bookkeeping({ ...meta, ...wanted, format, base }, "other");
}

/** Without a record, rows that hold strings are Verani's; where none is asked for, there may be others, which the record must not claim. */
async function foreignKeys(storage: Storage, { values }: RowsRead): Promise<readonly string[]> {
  if (values.size > 0 && ![...values.values()].some((value) => typeof value === "string")) return [];
  const { veraniKeys } = await import("./seldom.ts");
  return veraniKeys(storage, values);
}

async function findLog(
  storage: Storage,
  rows: RowsRead,
  meta: Meta | undefined,
  wanted: LayoutName,
): Promise<Log> {
  const isLog = meta?.layout === "log";
  if (!isLog && wanted === "keys") return EMPTY_LOG;
  // What only the log needs is loaded only with it.
  const { FIRST_LOG_ROWS, readLog } = await import("./seldom.ts");
  const first = wanted === "log" ? rows : await readRows(storage, FIRST_LOG_ROWS);
  const log = await readLog(storage, first, meta?.base);
  // Slots that an earlier use of the log has left count for nothing, but no sequence may be used twice.
  return isLog ? log : { ...EMPTY_LOG, good: log.highest, highest: log.highest };
}

async function readInParts(
  storage: Storage,
  keys: readonly string[],
  meta: Meta | undefined,
): Promise<RowsRead> {
  if (meta === undefined || keys.length === 0) return { values: new Map(), errors: new Map() };
  const { readParts } = await import("./seldom.ts");
  return readParts(storage, keys, meta);
}

function readKey(
  key: string,
  rows: RowsRead,
  parts: RowsRead,
  restored: Restored,
  parse: ((stored: string) => unknown) | undefined,
): void {
  const { meta, foreign, values, deleted, unreadable } = restored;
  const row = rowOf(key);
  const error = rows.errors.get(row) ?? parts.errors.get(key);
  if (error !== undefined) unreadable.set(key, unreadableValue(key, row, error));
  else if (parts.values.has(key)) values.set(key, parts.values.get(key));
  else if (rows.values.has(row)) {
    const stored = rows.values.get(row);
    if (parse === undefined || !foreign.includes(key)) {
      values.set(key, stored);
      return;
    }
    try {
      values.set(key, parse(String(stored)));
    } catch (cause) {
      unreadable.set(key, unreadableValue(key, row, cause));
    }
  } else if (meta !== undefined && Object.hasOwn(meta.gone, key)) {
    if (meta.gone[key] === "deleted") deleted.add(key);
    else values.set(key, undefined);
  }
}
