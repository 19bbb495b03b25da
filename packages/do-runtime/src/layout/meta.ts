import { describe, PersistError } from "../errors.ts";
import { META_ROW } from "./rows.ts";

/** The form of our rows, by layout. A number that this code doesn't know was written by a newer one. Until 1 a log had no snapshots. */
export const FORMATS = { keys: 1, log: 2 } as const;

/** How a flush becomes rows. */
export type LayoutName = "keys" | "log";

/**
 * What the rows don't say by themselves. It is written when there is first something to say, and later only when it changes.
 *
 * Where it is missing, rows that hold strings were written by Verani, as JSON, and all others by us.
 */
export interface Meta {
  readonly format: number;
  readonly layout: LayoutName;
  /** The program's own version of its state. */
  readonly version: number;
  /** Keys that have no row because they are deleted, or `undefined`, which no row can hold: else their defaults would come back. */
  readonly gone: Readonly<Record<string, "deleted" | "undefined">>;
  /** Keys whose rows still hold Verani's JSON, since it couldn't be read. */
  readonly foreign: readonly string[];
  /** Keys whose value is larger than a row, and in how many parts it stands. */
  readonly parts: Readonly<Record<string, number>>;
  /** The last flush that the keys' rows contain; the log goes on from there. */
  readonly base: number;
}

/** What to do about a record or a row that can't be read. */
export const EARLIER =
  "a SQLite-backed object can go back to an earlier bookmark (storage.onNextSessionRestoreBookmark)";

/** The error for a record that can't be read. */
export function metaError(cause: unknown): PersistError {
  return new PersistError("STORED_VALUE_UNREADABLE", {
    message: `the record "${META_ROW}" can't be read, and without it nothing tells what is stored; ${EARLIER}`,
    cause,
  });
}

/** Reads the meta record; throws `PersistError` when it isn't one, or a newer version of this library wrote it. */
export function parseMeta(stored: unknown): Meta | undefined {
  if (stored === undefined) return undefined;
  if (!isRecord(stored) || typeof stored["format"] !== "number") throw metaError(notRecord(stored));
  const record = stored as Partial<Meta>;
  const { format = 0 } = record;
  if (!(format >= FORMATS.keys && format <= FORMATS.log)) {
    throw new PersistError("STORED_VERSION_NEWER", {
      message: `the record "${META_ROW}" has format ${String(format)}, this version reads formats ${FORMATS.keys} to ${FORMATS.log}; deploy the version that wrote it, or a newer one`,
    });
  }
  const meta: Meta = {
    format,
    layout: record.layout === "log" ? "log" : "keys",
    version: record.version ?? 0,
    gone: record.gone ?? {},
    foreign: record.foreign ?? [],
    parts: record.parts ?? {},
    base: record.base ?? 0,
  };
  const isWhole =
    Number.isFinite(meta.version) &&
    Number.isFinite(meta.base) &&
    Array.isArray(meta.foreign) &&
    isRecord(meta.gone) &&
    isRecord(meta.parts);
  if (!isWhole) throw metaError(notRecord(stored));
  return meta;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const notRecord = (stored: unknown): Error =>
  new TypeError(
    isRecord(stored) ? `its fields are ${Object.keys(stored).join(", ")}` : `it is ${describe(stored)}`,
  );

/** The shortest form of the record: what is empty is left out. */
export function storedMeta(meta: Meta): Partial<Meta> {
  return {
    format: meta.format,
    layout: meta.layout,
    version: meta.version,
    ...(Object.keys(meta.gone).length > 0 && { gone: meta.gone }),
    ...(meta.foreign.length > 0 && { foreign: meta.foreign }),
    ...(Object.keys(meta.parts).length > 0 && { parts: meta.parts }),
    ...(meta.base > 0 && { base: meta.base }),
  };
}

/** Whether the record differs from what its absence means. */
export function saysSomething(meta: Meta): boolean {
  return meta.layout !== "keys" || meta.version !== 0 || Object.keys(storedMeta(meta)).length > 3;
}
