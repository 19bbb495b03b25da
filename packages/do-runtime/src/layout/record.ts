import type { Patch } from "@dormouse/reactive";
import { decodeBody } from "../values/decode.ts";
import { encodeBody } from "../values/encode-bytes.ts";
import { ByteSink } from "../values/byte-sink.ts";
import { ByteSource } from "../values/source.ts";

/** What one flush did to one key, its values encoded: the whole value, nothing (it is deleted), or patches. */
export type Entry =
  | { readonly kind: "whole"; readonly body: Uint8Array }
  | { readonly kind: "deleted" }
  | { readonly kind: "patches"; readonly body: Uint8Array };

/** One flush in the log. */
export interface LogRecord {
  /** Grows with every record, stored or not. */
  readonly sequence: number;
  /** The record it builds on: it counts only if everything up to that one was stored. */
  readonly after: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

const KINDS = ["whole", "deleted", "patches"] as const;

/**
 * A record's bytes, its own length first, so that records can be laid end to end in one row.
 *
 * All numbers are varints: length, sequence, distance to `after`, then for each entry the key (length and encoded string), the kind, and
 * the body with its length.
 */
export function encodeRecord(record: LogRecord, nameOf: (key: string) => Uint8Array): Uint8Array {
  const sink = ByteSink.open();
  sink.varint(record.sequence);
  sink.varint(record.sequence - record.after);
  for (const [key, entry] of record.entries) {
    const name = nameOf(key);
    sink.varint(name.length);
    sink.bytes(name);
    sink.byte(KINDS.indexOf(entry.kind));
    if (entry.kind === "deleted") continue;
    sink.varint(entry.body.length);
    sink.bytes(entry.body);
  }
  return sink.takeFramed();
}

/** A key, as records name it. Not as UTF-8: that would lose a lone surrogate in it. */
export function encodeName(key: string): Uint8Array {
  return encodeBody(key, []);
}

/** The records that stand end to end in these bytes; throws for bytes that are not whole. */
export function decodeRecords(bytes: Uint8Array): LogRecord[] {
  const records: LogRecord[] = [];
  const reader = new ByteSource(bytes);
  while (!reader.isAtEnd) records.push(decodeRecord(new ByteSource(reader.take(reader.varint()))));
  return records;
}

function decodeRecord(reader: ByteSource): LogRecord {
  const sequence = reader.varint();
  const after = sequence - reader.varint();
  const entries = new Map<string, Entry>();
  while (!reader.isAtEnd) {
    const key = String(decodeBody(reader.take(reader.varint())));
    const kind = KINDS[reader.byte()];
    if (kind === undefined) throw new Error(`unknown kind of entry for "${key}"`);
    entries.set(key, kind === "deleted" ? { kind } : { kind, body: reader.take(reader.varint()) });
  }
  return { sequence, after, entries };
}

const OPERATIONS = ["set", "delete", "splice", "add", "clear"] as const;

/** Whether patches can be encoded: a step that is an object (a Map's key) would come back as another one. */
export function isEncodable(patches: readonly Patch[]): boolean {
  return patches.every(({ path }) => path.every((step) => typeof step !== "object" || step === null));
}

/** Patches as a sequence of values, which takes few bytes: for each, operation and length of the path in one number, the path, the values. */
export function flattenPatches(patches: readonly Patch[]): unknown[] {
  const flat: unknown[] = [];
  for (const patch of patches) {
    flat.push(OPERATIONS.indexOf(patch.op) + OPERATIONS.length * patch.path.length, ...patch.path);
    if (patch.op === "splice") flat.push(patch.index, patch.remove, patch.insert);
    else if (patch.op === "set" || patch.op === "add") flat.push(patch.value);
  }
  return flat;
}

/** The patches that `flattenPatches` made flat; throws where it can't have. */
export function unflattenPatches(flat: readonly unknown[]): Patch[] {
  const patches: Patch[] = [];
  for (let at = 0; at < flat.length;) {
    const head = Number(flat[at++]);
    const op = head >= 0 ? OPERATIONS[head % OPERATIONS.length] : undefined;
    const length = Math.floor(head / OPERATIONS.length);
    const path: unknown[] = flat.slice(at, at + length);
    at += length;
    if (op === "splice") {
      const [index, remove, insert] = [Number(flat[at]), Number(flat[at + 1]), flat[at + 2] as unknown[]];
      at += 3;
      patches.push({ op, path, index, remove, insert });
    } else if (op === "set" || op === "add") patches.push({ op, path, value: flat[at++] });
    else if (op === "delete" || op === "clear") patches.push({ op, path });
    else throw new Error(`unknown patch ${head}`);
    if (at > flat.length) throw new Error(`cut off after ${flat.length} values`);
  }
  return patches;
}
