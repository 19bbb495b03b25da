import { applyPatches } from "@dormouse/reactive";
import { type PersistError, toError } from "../errors.ts";
import { decodeBody, decodeSequence } from "../values/decode.ts";
import type { Log } from "./log-read.ts";
import { applySnapshot } from "./log-snapshot.ts";
import { unreadableValue } from "./read.ts";
import { type Entry, type LogRecord, unflattenPatches } from "./record.ts";

/** Brings what the keys' rows hold up to the end of the log. */
export function applyLog(
  { snapshot, records }: Log,
  to: {
    readonly values: Map<string, unknown>;
    readonly deleted: Set<string>;
    readonly unreadable: Map<string, PersistError>;
  },
): void {
  const { values, deleted, unreadable } = to;
  if (snapshot !== undefined) {
    applySnapshot(snapshot, values, deleted);
    for (const key of [...snapshot.values.keys(), ...snapshot.gone.keys()]) unreadable.delete(key);
  }
  replay(records, values, deleted, (key, error) =>
    unreadable.set(key, unreadableValue(key, "the log", error)),
  );
  // A whole value further on in the log makes up for what can't be read, and so does that the key was deleted.
  for (const key of unreadable.keys()) if (values.has(key) || deleted.has(key)) unreadable.delete(key);
}

/** Applies the records to the keys' values; an entry that doesn't fit what it builds on is reported with its key. */
function replay(
  records: readonly LogRecord[],
  values: Map<string, unknown>,
  deleted: Set<string>,
  onError: (key: string, error: Error) => void,
): void {
  const broken = new Set<string>();
  for (const { entries } of records) {
    for (const [key, entry] of entries) {
      if (broken.has(key) && entry.kind === "patches") continue;
      try {
        applyEntry(key, entry, values, deleted);
        broken.delete(key);
      } catch (error) {
        broken.add(key);
        values.delete(key);
        deleted.delete(key);
        onError(key, toError(error));
      }
    }
  }
}

function applyEntry(key: string, entry: Entry, values: Map<string, unknown>, deleted: Set<string>): void {
  if (entry.kind === "deleted") {
    values.delete(key);
    deleted.add(key);
    return;
  }
  if (entry.kind === "whole") values.set(key, decodeBody(entry.body));
  else {
    const value = values.get(key);
    if (typeof value !== "object" || value === null)
      throw new Error(`there is no object to change in "${key}"`);
    applyPatches(value, unflattenPatches(decodeSequence(entry.body)));
  }
  deleted.delete(key);
}
