import { describe, PersistError, toError } from "../errors.ts";
import { MAX_KEYS_PER_CALL } from "../limits.ts";
import type { Storage } from "../storage.ts";
import {
  FIRST_LOG_ROWS,
  FIRST_SEGMENTS,
  isPiece,
  join,
  type Piece,
  SEGMENT_PREFIX,
  segmentRowOf,
  slotRowOf,
  SLOTS,
} from "./log-rows.ts";
import { isSnapshot, type LogSnapshot, SNAPSHOT_ROW } from "./log-snapshot.ts";
import { decodeRecords, type LogRecord } from "./record.ts";
import { readRows, type RowsRead } from "./read.ts";
import { EARLIER, metaError } from "./wrong-meta.ts";

/** The log as a wake finds it. */
export interface Log {
  /** What the records that count come after, if it is not the keys' rows. */
  readonly snapshot: LogSnapshot | undefined;
  /** All keys that snapshot and records are about. */
  readonly keys: ReadonlySet<string>;
  /** The last record that counts, or the base if none does. */
  readonly good: number;
  /** The highest sequence there is in any row. */
  readonly highest: number;
  /** The records that count, in order. */
  readonly records: readonly LogRecord[];
  /** Slots whose record stands nowhere else: not to be overwritten before they are folded. */
  readonly slots: ReadonlyMap<number, Uint8Array>;
  /** The first segment that is free. */
  readonly nextSegment: number;
  /** Bytes of the records that count. */
  readonly bytes: number;
  /** Rows that can't be read or are missing; what came after them is lost. */
  readonly errors: readonly PersistError[];
}

/**
 * Reads what the first rows don't hold, and finds what counts: the snapshot, if it is newer than the keys' rows, which contain the flushes up
 * to `keysBase`, and the records after it with nothing missing before them. Throws where there is no record that says so, but a log.
 */
export async function readLog(storage: Storage, first: RowsRead, keysBase: number | undefined): Promise<Log> {
  const errors: Error[] = [];
  for (const row of FIRST_LOG_ROWS) if (first.errors.has(row)) errors.push(toError(first.errors.get(row)));
  const stored = read(first.values, SNAPSHOT_ROW, isSnapshot, errors);
  const snapshot = stored !== undefined && stored.sequence > (keysBase ?? 0) ? stored : undefined;
  const base = snapshot?.sequence ?? keysBase ?? 0;
  const found = new Map<number, LogRecord & { readonly size: number }>();
  const add = (bytes: Uint8Array): number[] => {
    try {
      const records = decodeRecords(bytes);
      const size = bytes.length / Math.max(records.length, 1);
      for (const record of records) found.set(record.sequence, { ...record, size });
      return records.map(({ sequence }) => sequence);
    } catch (error) {
      errors.push(toError(error));
      return [];
    }
  };

  const segments = await readSegments(storage, first, errors);
  let nextSegment = 0;
  for (const [segment, bytes] of joinPieces(segments, errors)) {
    const sequences = add(bytes);
    if (sequences.some((sequence) => sequence > base)) nextSegment = Math.max(nextSegment, segment + 1);
  }
  const folded = new Set(found.keys());
  const inSlots = new Map<number, { readonly bytes: Uint8Array; readonly sequences: readonly number[] }>();
  for (let slot = 0; slot < SLOTS; slot++) {
    const bytes = read(first.values, slotRowOf(slot), isBytes, errors);
    if (bytes !== undefined) inSlots.set(slot, { bytes, sequences: add(bytes) });
  }

  const records: LogRecord[] = [];
  const counted = new Set<number>();
  let [good, highest, size] = [base, base, 0];
  // What is left of a record in pieces counts, too: no sequence may be used twice.
  for (const value of segments.values()) if (isPiece(value)) highest = Math.max(highest, value.sequence);
  for (const record of [...found.values()].toSorted((a, b) => a.sequence - b.sequence)) {
    highest = Math.max(highest, record.sequence);
    // A record that builds on one which was never stored doesn't count; what it changed was written again later.
    if (record.sequence <= base || record.after > good) continue;
    good = record.sequence;
    size += record.size;
    records.push(record);
    counted.add(good);
  }
  if (keysBase === undefined && highest > 0)
    throw metaError(new Error("it is missing, though there are rows of a log"));
  // Only what was rejected may be missing, and that was written again later; or the object ended before it was.
  if (highest > good && errors.length === 0)
    errors.push(
      new Error(`what came after record ${good} is missing; the last one that is there is ${highest}`),
    );
  const slots = new Map<number, Uint8Array>();
  for (const [slot, { bytes, sequences }] of inSlots) {
    if (sequences.some((sequence) => counted.has(sequence) && !folded.has(sequence))) slots.set(slot, bytes);
  }
  const keys = new Set(snapshot && [...snapshot.values.keys(), ...snapshot.gone.keys()]);
  for (const { entries } of records) for (const key of entries.keys()) keys.add(key);
  return {
    snapshot,
    keys,
    good,
    highest,
    records,
    slots,
    nextSegment,
    bytes: Math.ceil(size),
    errors: errors.map(unreadableRow),
  };
}

function unreadableRow(cause: Error): PersistError {
  return new PersistError("STORED_VALUE_UNREADABLE", {
    message: `a row of the log can't be read or is missing; the state is what it was before that row was written; ${EARLIER}`,
    cause,
  });
}

const numberOf = (row: string): number => Number(row.slice(SEGMENT_PREFIX.length));
const isBytes = (stored: unknown): stored is Uint8Array => stored instanceof Uint8Array;

/** What a row holds, where that is of our making; else an error more. */
function read<Stored>(
  rows: ReadonlyMap<string, unknown>,
  row: string,
  isOurs: (stored: unknown) => stored is Stored,
  errors: Error[],
): Stored | undefined {
  const stored = rows.get(row);
  if (stored === undefined || isOurs(stored)) return stored;
  errors.push(new TypeError(`the row "${row}" holds ${describe(stored)}`));
  return undefined;
}

async function readSegments(
  storage: Storage,
  first: RowsRead,
  errors: Error[],
): Promise<Map<number, unknown>> {
  const segments = new Map<number, unknown>();
  for (const [row, value] of first.values)
    if (row.startsWith(SEGMENT_PREFIX)) segments.set(numberOf(row), value);
  const lastTwo = [FIRST_SEGMENTS - 2, FIRST_SEGMENTS - 1];
  if (lastTwo.every((segment) => !segments.has(segment) && !first.errors.has(segmentRowOf(segment))))
    return segments;
  // By their names: one that can't be read would have a list of them fail, and what was written after it be missed at each wake.
  for (let from = FIRST_SEGMENTS; ; from += MAX_KEYS_PER_CALL) {
    const rows = Array.from({ length: MAX_KEYS_PER_CALL }, (_, index) => segmentRowOf(from + index));
    const more = await readRows(storage, rows);
    for (const [row, value] of more.values) segments.set(numberOf(row), value);
    for (const error of more.errors.values()) errors.push(toError(error));
    if (more.values.size + more.errors.size < rows.length) return segments;
  }
}

/** The bytes of each segment; pieces are joined, and those of which some are missing left out. */
function joinPieces(segments: ReadonlyMap<number, unknown>, errors: Error[]): Map<number, Uint8Array> {
  const joined = new Map<number, Uint8Array>();
  const pieces = new Map<number, { readonly last: number; readonly pieces: Piece[] }>();
  for (const [segment, value] of segments) {
    if (isBytes(value)) joined.set(segment, value);
    else if (isPiece(value)) {
      const others = pieces.get(value.sequence)?.pieces ?? [];
      pieces.set(value.sequence, { last: segment, pieces: [...others, value] });
    } else errors.push(new TypeError(`the row "${segmentRowOf(segment)}" holds ${describe(value)}`));
  }
  for (const { last, pieces: all } of pieces.values()) {
    const inOrder = all.toSorted((a, b) => a.part - b.part);
    if (inOrder.length === inOrder[0]?.parts) joined.set(last, join(inOrder.map(({ bytes }) => bytes)));
  }
  return joined;
}
