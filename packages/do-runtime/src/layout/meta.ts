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

/** Reads the meta record; `undefined` for what is none of ours, or was written by a newer version of this library: `wrongMeta` says which. */
export function parseMeta(stored: unknown): Meta | undefined {
  const record = Object(stored) as Partial<Meta>;
  const { format = 0, layout, version = 0, gone = {}, foreign = [], parts = {}, base = 0 } = record;
  const isOurs =
    [format, version, base].every(Number.isFinite) &&
    format >= FORMATS.keys &&
    format <= FORMATS.log &&
    Array.isArray(foreign) &&
    isRecord(gone) &&
    isRecord(parts);
  return isOurs
    ? { format, layout: layout === "log" ? "log" : "keys", version, gone, foreign, parts, base }
    : undefined;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

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
