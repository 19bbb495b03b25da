import type { Storage } from "../storage.ts";
import { decode } from "../values/decode.ts";
import { join } from "./log-rows.ts";
import type { Meta } from "./meta.ts";
import { partRowOf } from "./parts.ts";
import { readRows, type RowsRead } from "./read.ts";

/** The values of keys that stand in parts, or why they can't be read, by key. */
export async function readParts(
  storage: Storage,
  keys: readonly string[],
  { parts }: Meta,
): Promise<RowsRead> {
  const read: RowsRead = { values: new Map(), errors: new Map() };
  const rowsOf = (key: string): string[] =>
    Array.from({ length: parts[key] ?? 0 }, (_, part) => partRowOf(key, part));
  const rows = await readRows(storage, keys.flatMap(rowsOf));
  for (const key of keys) {
    try {
      read.values.set(key, decode(join(rowsOf(key).map((row) => bytesOf(rows, row)))));
    } catch (error) {
      read.errors.set(key, error);
    }
  }
  return read;
}

function bytesOf(rows: RowsRead, name: string): Uint8Array {
  if (rows.errors.has(name)) throw rows.errors.get(name);
  const bytes = rows.values.get(name);
  if (bytes instanceof Uint8Array) return bytes;
  throw new Error(`the part "${name}" is missing`);
}
