import { PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import { checkPatches, maxBytesIn } from "../values/checked.ts";
import { decodeBody } from "../values/decode.ts";
import { encodeBody, encodeSequence } from "../values/encode-bytes.ts";
import { sizeUpTo } from "../values/size-up-to.ts";
import { ownValue } from "../values/own-value.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import type { Change, Layout, Plan } from "./layout.ts";
import { isSnapshot, SNAPSHOT_ROW, takeSnapshot } from "./log-snapshot.ts";
import { FOLD_AT, join, type Piece, segmentRowOf, slotRowOf, SLOTS } from "./log-rows.ts";
import type { Log } from "./log-read.ts";
import type { Meta } from "./meta.ts";
import { encodeName, encodeRecord, type Entry, flattenPatches, isEncodable } from "./record.ts";
import { EMPTY_LOG } from "./restore.ts";
import { type Batch, newBatch, rowOf } from "./rows.ts";
import { cut, putKey } from "./put-key.ts";

/**
 * A record larger than this gets a segment of its own, so that no fold writes it again; and where it would have every key of the log
 * whole it is no record, but a snapshot or the key's row, which takes no more bytes and is cloned by the platform.
 */
const MAX_SLOT_BYTES = 1024;

/** A flush that was planned and whose fate is not known yet, or of which a later one must know. */
interface Flight {
  readonly sequence: number;
  readonly after: number;
  readonly keys: readonly string[];
  /** The first segment that was free before it. */
  readonly segment: number;
  /** How many losses there were before it was planned. */
  readonly losses: number;
}

/** What the layout goes on from. */
export interface Found {
  readonly log: Log;
  /** Keys that the program persists. */
  readonly keys: ReadonlySet<string>;
  /** Keys that are stored, in our form. */
  readonly stored: Iterable<string>;
  /** Keys that are stored but can't be read. */
  readonly unreadable: Iterable<string>;
  /** Values of keys that are in the log though the program doesn't persist them any more. */
  readonly others: Readonly<Record<string, unknown>>;
  /** Whether a value may change inside without a change that is told of: a checkpoint must not have that. */
  readonly isShallow: boolean;
}

/**
 * One row a flush, with only what changed in it.
 *
 * The first flushes go to slots. When these are full their records move to a segment, in one row; when the log has grown larger than what it
 * is about, all of that is written as one snapshot (a checkpoint) and everything starts over, in the same rows. So each changed byte is written
 * once, moved at most once, and pays for a third as many bytes of a checkpoint at most: less than three times in all. What is too large
 * for one row is written to the keys' rows instead.
 */
export class LogLayout implements Layout {
  readonly #raw: Readonly<Record<string, unknown>>;
  readonly #keys: ReadonlySet<string>;
  readonly #isShallow: boolean;
  /** What the log has of keys whose live value may be another: of those that the program doesn't persist any more, and, where values change unseen, of all. */
  readonly #kept: Record<string, unknown>;
  /** Of keys whose value was written to a record since it was looked at in `#kept`: that writing, a copy already, which is seldom asked for. */
  readonly #bodies = new Map<string, Uint8Array>();
  /** The keys, as records name them. */
  readonly #names = new Map<string, Uint8Array>();
  readonly #bookkeeping: Bookkeeping;
  readonly #limits: StorageLimits;
  /** Keys of which storage has a whole value that patches can be applied to. */
  readonly #stored: Set<string>;
  /** Keys in the snapshot and in records: what a checkpoint has to write, since a wake doesn't look at their rows. */
  #touched: Set<string>;
  /** Keys to be written whole, since a flush they were in failed and patches would build on it. */
  readonly #whole = new Set<string>();
  /** Records in slots that are in no segment. */
  readonly #slots: Map<number, Uint8Array>;
  #nextSegment: number;
  #bytes: number;
  /** The size of the log from which on it is looked whether a checkpoint pays. */
  #considerAt = 0;
  #sequence: number;
  /** What the next record builds on: the last one planned, as long as none failed. */
  #after: number;
  /** The last record that is stored with everything before it. */
  #good: number;
  readonly #flights = new Set<Flight>();
  #losses = 0;
  #isFolding = false;
  #goodMeta: Meta;

  constructor(raw: object, bookkeeping: Bookkeeping, limits: StorageLimits, found: Found) {
    const { log } = found;
    this.#raw = raw as Readonly<Record<string, unknown>>;
    this.#keys = found.keys;
    this.#isShallow = found.isShallow;
    // Without a prototype: `kept[key] = value` is the key's own, whatever its name is.
    this.#kept = Object.assign(Object.create(null), found.others) as Record<string, unknown>;
    this.#bookkeeping = bookkeeping;
    this.#limits = limits;
    this.#stored = new Set(found.stored);
    this.#touched = new Set(log.keys);
    this.#slots = new Map(log.slots);
    this.#nextSegment = log.nextSegment;
    this.#bytes = log.bytes;
    this.#sequence = log.highest;
    this.#after = log.good;
    this.#good = log.good;
    this.#goodMeta = bookkeeping.meta;
    for (const key of found.unreadable) this.#whole.add(key);
    this.#keep(this.#touched, copyOf);
  }

  /** Where that value of the key is which the log has, or is to have. */
  readonly #sourceOf = (key: string): Readonly<Record<string, unknown>> => {
    if (!this.#isShallow && this.#keys.has(key)) return this.#raw;
    const body = this.#bodies.get(key);
    if (body !== undefined) {
      this.#bodies.delete(key);
      this.#kept[key] = decodeBody(body);
    }
    return this.#kept;
  };

  /** Where values change unseen: has the log have what the keys are now. */
  #keep(keys: Iterable<string>, copy: (value: unknown, key: string) => unknown): void {
    if (!this.#isShallow) return;
    for (const key of keys) {
      if (!this.#keys.has(key)) continue;
      this.#bodies.delete(key);
      if (Object.hasOwn(this.#raw, key)) this.#kept[key] = copy(this.#raw[key], key);
      else Reflect.deleteProperty(this.#kept, key);
    }
  }

  readonly #nameOf = (key: string): Uint8Array => {
    let name = this.#names.get(key);
    if (name === undefined) this.#names.set(key, (name = encodeName(key)));
    return name;
  };

  plan(changes: ReadonlyMap<string, Change>): Plan {
    // As they are, until it is known how they are written.
    this.#keep(changes.keys(), (value) => value);
    return (this.#isAnew(changes) ? this.#planAnew(changes) : undefined) ?? this.#planRecord(changes);
  }

  /** Whether the changes have every key of the log whole, and are more than a slot takes. */
  #isAnew(changes: ReadonlyMap<string, Change>): boolean {
    if (this.#flights.size > 0 || this.#touched.size > changes.size) return false;
    for (const key of this.#touched) if (!changes.has(key)) return false;
    for (const [key, change] of changes) if (this.#kindOf(key, change) === "patches") return false;
    return !this.#fits(changes.keys(), MAX_SLOT_BYTES);
  }

  #planAnew(changes: ReadonlyMap<string, Change>): Plan | undefined {
    const keys = [...changes.keys()];
    const batch = newBatch();
    const flight = this.#newFlight(keys);
    const isEmpty = this.#touched.size === 0;
    const settle =
      isEmpty && keys.length === 1
        ? undefined
        : this.#checkpoint(flight, Number.POSITIVE_INFINITY, batch, this.#isShallow);
    if (settle === undefined && !(isEmpty && this.#putKeys(keys, batch))) return undefined;
    const snapshot = batch.puts[SNAPSHOT_ROW];
    const copies = isSnapshot(snapshot) ? snapshot.values : undefined;
    this.#keep(keys, (value, key) => copies?.get(key) ?? copyOf(value));
    return settle === undefined
      ? this.#planRows(flight, batch)
      : this.#planFlight(flight, batch, new Map(), settle);
  }

  #planRecord(changes: ReadonlyMap<string, Change>): Plan {
    const entries = new Map<string, Entry>();
    const refused = new Map<string, PersistError>();
    for (const [key, change] of changes) {
      try {
        entries.set(key, this.#entry(key, change));
      } catch (error) {
        if (!(error instanceof PersistError)) throw error;
        // What storage has of the key is older than the next patches will be made for.
        this.#whole.add(key);
        refused.set(key, error);
      }
    }
    const keys = [...entries.keys()];
    const batch = newBatch();
    if (keys.length === 0) {
      const settle = this.#bookkeeping.addTo(batch);
      return { batch, keys, refused, settle };
    }
    const flight = this.#newFlight(keys);
    const { sequence, after } = flight;
    const settle = this.#place(encodeRecord({ sequence, after, entries }, this.#nameOf), flight, batch);
    if (this.#isShallow) this.#keepBodies(entries);
    return this.#planFlight(flight, batch, refused, settle);
  }

  /** Has the log have what the record says: what is no object stays what it is. */
  #keepBodies(entries: ReadonlyMap<string, Entry>): void {
    for (const [key, entry] of entries)
      if (entry.kind === "whole" && isObject(this.#kept[key])) this.#bodies.set(key, entry.body);
  }

  #newFlight(keys: readonly string[]): Flight {
    const sequence = ++this.#sequence;
    return { sequence, after: this.#after, keys, segment: this.#nextSegment, losses: this.#losses };
  }

  #planFlight(
    flight: Flight,
    batch: Batch,
    refused: ReadonlyMap<string, PersistError>,
    settle: (isStored: boolean) => void,
    hasRecord = true,
  ): Plan {
    const { keys, sequence } = flight;
    const settleMeta = this.#bookkeeping.addTo(batch);
    for (const key of keys) {
      this.#whole.delete(key);
      if (Object.hasOwn(this.#raw, key)) this.#stored.add(key);
      else this.#stored.delete(key);
    }
    if (hasRecord) this.#after = sequence;
    this.#flights.add(flight);
    const meta = this.#bookkeeping.meta;
    return {
      batch,
      keys,
      refused,
      settle: (isWritten) => {
        this.#flights.delete(flight);
        settleMeta(isWritten);
        const isStored = isWritten && flight.after <= this.#good;
        settle(isStored);
        if (isStored) {
          if (hasRecord) this.#good = sequence;
          this.#goodMeta = meta;
        } else this.#onLost(flight, hasRecord);
        return isStored;
      },
    };
  }

  /** With an empty log the keys' rows say everything: there is no record, and nothing new to note about where the log begins. */
  #planRows(flight: Flight, batch: Batch): Plan {
    const settle = (isStored: boolean): void => {
      if (isStored) for (const key of flight.keys) this.#whole.delete(key);
    };
    const plan = this.#planFlight(flight, batch, new Map(), settle, false);
    // Without a record no later one can say that it builds on this flush: until it is stored, nothing may.
    for (const key of flight.keys) this.#whole.add(key);
    return plan;
  }

  emptied(): Layout {
    // What is still on its way is deleted with the rest: it says nothing about what comes after, but no sequence may be used twice.
    const [good, highest] = [this.#sequence, this.#sequence];
    return new LogLayout(this.#raw, this.#bookkeeping.emptied(good), this.#limits, {
      log: { ...EMPTY_LOG, good, highest },
      stored: [],
      unreadable: [],
      others: {},
      keys: this.#keys,
      isShallow: this.#isShallow,
    });
  }

  #kindOf(key: string, { patches }: Change): Entry["kind"] {
    if (!Object.hasOwn(this.#raw, key)) return "deleted";
    const canChange = patches !== null && !this.#whole.has(key) && this.#stored.has(key);
    return canChange && isEncodable(patches) ? "patches" : "whole";
  }

  #entry(key: string, change: Change): Entry {
    if (!this.#touched.has(key)) maxBytesIn(rowOf(key), key, this.#limits);
    const kind = this.#kindOf(key, change);
    if (kind === "deleted") return { kind };
    if (kind === "whole") return { kind, body: encodeBody(this.#raw[key], [key]) };
    const patches = change.patches ?? [];
    checkPatches(key, patches);
    return { kind, body: encodeSequence(flattenPatches(patches), [key]) };
  }

  /** Puts the record where it belongs; returns what to call with its fate. */
  #place(record: Uint8Array, flight: Flight, batch: Batch): (isStored: boolean) => void {
    const { sequence, keys } = flight;
    const slot = record.length > MAX_SLOT_BYTES ? undefined : this.#freeSlot();
    const isFull = slot === undefined || this.#slots.size >= FOLD_AT;
    const logBytes = this.#bytes + record.length;
    if (this.#flights.size === 0 && isFull && logBytes >= this.#considerAt) {
      const checkpoint = this.#checkpoint(flight, logBytes / 3, batch);
      if (checkpoint !== undefined) return checkpoint;
      this.#considerAt = logBytes * 2;
    }
    for (const key of keys) this.#touched.add(key);
    this.#bytes += record.length;
    if (slot === undefined) {
      this.#putSegment(record, sequence, batch);
      return () => {};
    }
    if (isFull && !this.#isFolding) return this.#fold(record, sequence, batch);
    this.#slots.set(slot, record);
    batch.puts[slotRowOf(slot)] = record;
    return (isStored) => {
      if (!isStored) this.#slots.delete(slot);
    };
  }

  #freeSlot(): number | undefined {
    for (let slot = 0; slot < SLOTS; slot++) if (!this.#slots.has(slot)) return slot;
    return undefined;
  }

  #putSegment(bytes: Uint8Array, sequence: number, batch: Batch): void {
    // The few bytes that the piece has around its bytes are well below a hundred.
    const maxBytes = maxBytesIn(segmentRowOf(0), "", this.#limits) - 100;
    const pieces = cut(bytes, maxBytes);
    for (const [part, piece] of pieces.entries()) {
      const whole: Piece = { sequence, part, parts: pieces.length, bytes: piece.slice() };
      batch.puts[segmentRowOf(this.#nextSegment++)] = pieces.length === 1 ? bytes : whole;
    }
  }

  /** Moves what is in the slots to a segment. The slots stay taken until it is stored. */
  #fold(record: Uint8Array, sequence: number, batch: Batch): (isStored: boolean) => void {
    const moved = [...this.#slots.keys()];
    this.#putSegment(join([...this.#slots.values(), record]), sequence, batch);
    this.#isFolding = true;
    return (isStored) => {
      this.#isFolding = false;
      if (isStored) for (const slot of moved) this.#slots.delete(slot);
    };
  }

  /** Writes all that the log is about anew if that takes at most so many bytes; there are no records then. `isCopied`: a snapshot has no live objects in it. */
  #checkpoint(
    { sequence, keys }: Flight,
    maxBytes: number,
    batch: Batch,
    isCopied = false,
  ): ((isStored: boolean) => void) | undefined {
    const touched = this.#touched.union(new Set(keys));
    if (!this.#fits(touched, maxBytes)) return undefined;
    // All of it or nothing: a key that can't be written now keeps its place in the log.
    if ([...touched].some((key) => this.#whole.has(key) && !keys.includes(key))) return undefined;
    const fitsInRow = this.#putSnapshot(sequence, touched, batch, isCopied);
    if (!fitsInRow) {
      // Where there is no log yet the keys' rows need no note of where it begins.
      if (this.#touched.size === 0 || !this.#putKeys(touched, batch)) return undefined;
      this.#bookkeeping.update({ base: sequence });
    }
    const [slots, bytes, segment] = [[...this.#slots.keys()], this.#bytes, this.#nextSegment];
    this.#touched = fitsInRow ? touched : new Set();
    this.#isFolding = true;
    return (isStored) => {
      this.#isFolding = false;
      if (!isStored) {
        this.#touched = this.#touched.union(touched);
        return;
      }
      for (const slot of slots) this.#slots.delete(slot);
      this.#bytes -= bytes;
      this.#considerAt = 0;
      // Flushes made meanwhile may have begun a segment.
      if (this.#nextSegment === segment) this.#nextSegment = 0;
    };
  }

  /** Has the batch write a snapshot of the keys, if it fits into a row. */
  #putSnapshot(sequence: number, keys: Iterable<string>, batch: Batch, isCopied: boolean): boolean {
    try {
      const snapshot = takeSnapshot(sequence, keys, this.#sourceOf, this.#limits, isCopied);
      if (snapshot !== undefined) batch.puts[SNAPSHOT_ROW] = snapshot;
      return snapshot !== undefined;
    } catch (error) {
      if (error instanceof PersistError) return false;
      throw error;
    }
  }

  /** Has the batch write the keys' rows: all of them, or none if one can't be written. */
  #putKeys(keys: Iterable<string>, batch: Batch): boolean {
    const rows = newBatch();
    const to = { bookkeeping: this.#bookkeeping, limits: this.#limits, batch: rows };
    try {
      for (const key of keys) putKey(key, this.#sourceOf(key), to);
      Object.assign(batch.puts, rows.puts);
      for (const row of rows.deletes) batch.deletes.add(row);
      return true;
    } catch (error) {
      if (!(error instanceof PersistError)) throw error;
      this.#bookkeeping.reset(this.#goodMeta);
      return false;
    }
  }

  #fits(keys: Iterable<string>, maxBytes: number): boolean {
    if (maxBytes === Number.POSITIVE_INFINITY) return true;
    let left = maxBytes;
    for (const key of keys) {
      const bytes = sizeUpTo(ownValue(this.#sourceOf(key), key), left);
      if (bytes === undefined) return false;
      left -= bytes;
    }
    return true;
  }

  /** A flush is lost, and with it every one that builds on it. */
  #onLost({ keys, segment, losses }: Flight, hasRecord: boolean): void {
    // A wake reads segments up to the first that is missing: those of the lost flights are used again. Of a chain of flights that build on
    // each other the first to be lost says where it began, and a new chain begins there. On one without a record none builds.
    if (hasRecord && losses === this.#losses) {
      this.#losses++;
      this.#nextSegment = segment;
      this.#after = this.#good;
    }
    for (const key of keys) this.#whole.add(key);
    for (const flight of this.#flights) for (const key of flight.keys) this.#whole.add(key);
    this.#bookkeeping.reset(this.#goodMeta);
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** A foreign proxy may be no more than looked into, as the log's record does. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
