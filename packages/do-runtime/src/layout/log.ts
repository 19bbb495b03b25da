import { PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import { checkPatches, maxBytesIn } from "../values/checked.ts";
import { encodeBody, encodeSequence, sizeUpTo } from "../values/encode.ts";
import { ownValue } from "../values/own-value.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import type { Change, Layout, Plan } from "./layout.ts";
import { FOLD_AT, join, type Piece, segmentRowOf, slotRowOf, SLOTS } from "./log-rows.ts";
import type { Log } from "./log-read.ts";
import type { Meta } from "./meta.ts";
import { encodeRecord, type Entry, flattenPatches, isEncodable } from "./record.ts";
import { type Batch, newBatch, rowOf } from "./rows.ts";
import { cut, putKey } from "./parts.ts";

/** A record larger than this gets a segment of its own, so that no fold writes it again. */
const MAX_SLOT_BYTES = 1024;

/**
 * A record larger than this that has every key of the log whole is no record: the keys' rows take no more bytes, and are read faster. One
 * key's row takes the place of the record's, so there the size of a slot is enough.
 */
const LARGE_BYTES = 16_384;

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
  /** Keys that are stored, in our form. */
  readonly stored: Iterable<string>;
  /** Keys that are stored but can't be read. */
  readonly unreadable: Iterable<string>;
  /** Values of keys that are in the log though the program doesn't persist them any more. */
  readonly others: Readonly<Record<string, unknown>>;
}

/**
 * One row a flush, with only what changed in it.
 *
 * The first flushes go to slots. When these are full their records move to a segment, in one row; when the log has grown larger than what it
 * is about, the keys' rows are written anew (a checkpoint) and everything starts over, in the same rows. So each changed byte is written
 * once, moved at most once, and pays for a third as many bytes of a checkpoint at most: less than three times in all.
 */
export class LogLayout implements Layout {
  readonly #raw: Readonly<Record<string, unknown>>;
  readonly #others: Readonly<Record<string, unknown>>;
  readonly #bookkeeping: Bookkeeping;
  readonly #limits: StorageLimits;
  /** Keys of which storage has a whole value that patches can be applied to. */
  readonly #stored: Set<string>;
  /** Keys in records after the base: what a checkpoint has to write. */
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
    this.#others = found.others;
    this.#bookkeeping = bookkeeping;
    this.#limits = limits;
    this.#stored = new Set(found.stored);
    this.#touched = new Set(log.records.flatMap(({ entries }) => [...entries.keys()]));
    this.#slots = new Map(log.slots);
    this.#nextSegment = log.nextSegment;
    this.#bytes = log.bytes;
    this.#sequence = log.highest;
    this.#after = log.good;
    this.#good = log.good;
    this.#goodMeta = bookkeeping.meta;
    for (const key of found.unreadable) this.#whole.add(key);
  }

  /** Where the key's value is. */
  #sourceOf(key: string): Readonly<Record<string, unknown>> {
    return Object.hasOwn(this.#others, key) ? this.#others : this.#raw;
  }

  plan(changes: ReadonlyMap<string, Change>): Plan {
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
    if (keys.length === 0) return { batch, keys, refused, settle: (isStored) => isStored };
    const sequence = ++this.#sequence;
    const flight = {
      sequence,
      after: this.#after,
      keys,
      segment: this.#nextSegment,
      losses: this.#losses,
    };
    const record = encodeRecord({ sequence, after: flight.after, entries });
    const isWhole = (key: string): boolean => (entries.get(key) ?? { kind: "patches" }).kind !== "patches";
    const isLarge = record.length > (keys.length === 1 ? MAX_SLOT_BYTES : LARGE_BYTES);
    const isAnew = isLarge && [...this.#touched, ...keys].every(isWhole);
    if (isAnew && this.#bytes === 0 && this.#flights.size === 0 && this.#putKeys(keys, batch)) {
      return this.#planRows(flight, batch, refused);
    }
    const settle = this.#place(record, flight, batch, isAnew);
    const settleMeta = this.#bookkeeping.addTo(batch);
    for (const key of keys) {
      this.#whole.delete(key);
      this.#stored.add(key);
      if (entries.get(key)?.kind === "deleted") this.#stored.delete(key);
    }
    this.#after = sequence;
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
          this.#good = sequence;
          this.#goodMeta = meta;
        } else this.#onLost(flight);
        return isStored;
      },
    };
  }

  /** With an empty log the keys' rows say everything: there is no record, and nothing new to note about where the log begins. */
  #planRows(flight: Flight, batch: Batch, refused: ReadonlyMap<string, PersistError>): Plan {
    const { keys } = flight;
    const settleMeta = this.#bookkeeping.addTo(batch);
    const meta = this.#bookkeeping.meta;
    for (const key of keys) {
      // Without a record no later one can say that it builds on this flush: until it is stored, nothing may.
      this.#whole.add(key);
      if (Object.hasOwn(this.#raw, key)) this.#stored.add(key);
      else this.#stored.delete(key);
    }
    this.#flights.add(flight);
    return {
      batch,
      keys,
      refused,
      settle: (isStored) => {
        this.#flights.delete(flight);
        settleMeta(isStored);
        if (isStored) {
          for (const key of keys) this.#whole.delete(key);
          this.#goodMeta = meta;
        } else this.#onLost(flight);
        return isStored;
      },
    };
  }

  forget(): void {
    this.#bookkeeping.forget(this.#sequence);
    this.#after = this.#sequence;
    this.#good = this.#sequence;
    this.#goodMeta = this.#bookkeeping.meta;
    this.#stored.clear();
    this.#touched.clear();
    this.#slots.clear();
    this.#nextSegment = 0;
    this.#bytes = 0;
    this.#considerAt = 0;
  }

  #entry(key: string, change: Change): Entry {
    maxBytesIn(rowOf(key), key, this.#limits);
    if (!Object.hasOwn(this.#raw, key)) return { kind: "deleted" };
    const { patches } = change;
    if (patches !== null && !this.#whole.has(key) && this.#stored.has(key) && isEncodable(patches)) {
      checkPatches(key, patches);
      return { kind: "patches", body: encodeSequence(flattenPatches(patches), [key]) };
    }
    return { kind: "whole", body: encodeBody(this.#raw[key], [key]) };
  }

  /** Puts the record where it belongs; returns what to call with its fate. */
  #place(
    record: Uint8Array,
    { sequence, keys }: Flight,
    batch: Batch,
    isAnew: boolean,
  ): (isStored: boolean) => void {
    const slot = record.length > MAX_SLOT_BYTES ? undefined : this.#freeSlot();
    const isAlone = this.#flights.size === 0;
    const isFull = slot === undefined || this.#slots.size >= FOLD_AT;
    const logBytes = this.#bytes + record.length;
    if (isAlone && (isAnew || (isFull && logBytes >= this.#considerAt))) {
      const maxBytes = isAnew ? Number.POSITIVE_INFINITY : logBytes / 3;
      const checkpoint = this.#checkpoint(sequence, keys, maxBytes, batch);
      if (checkpoint !== undefined) return checkpoint;
      this.#considerAt = logBytes * 2;
    }
    const before = this.#touched;
    this.#touched = before.union(new Set(keys));
    this.#bytes += record.length;
    if (slot === undefined) {
      this.#putSegment(record, sequence, batch);
      return () => {};
    }
    if (isFull && !this.#isFolding) return this.#fold(record, sequence, batch);
    this.#slots.set(slot, record);
    batch.puts.set(slotRowOf(slot), record);
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
      batch.puts.set(segmentRowOf(this.#nextSegment++), pieces.length === 1 ? bytes : whole);
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

  /** Writes the keys' rows anew if that takes at most so many bytes; the log is empty then. */
  #checkpoint(
    sequence: number,
    keys: readonly string[],
    maxBytes: number,
    batch: Batch,
  ): ((isStored: boolean) => void) | undefined {
    const touched = this.#touched.union(new Set(keys));
    if (!this.#fits(touched, maxBytes)) return undefined;
    // All of it or nothing: a key that can't be written now keeps its place in the log.
    if ([...touched].some((key) => this.#whole.has(key) && !keys.includes(key))) return undefined;
    if (!this.#putKeys(touched, batch)) return undefined;
    this.#bookkeeping.update({ base: sequence });
    const [slots, bytes, segment] = [[...this.#slots.keys()], this.#bytes, this.#nextSegment];
    this.#touched = new Set();
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

  /** Has the batch write the keys' rows: all of them, or none if one can't be written. */
  #putKeys(keys: Iterable<string>, batch: Batch): boolean {
    const to = { bookkeeping: this.#bookkeeping, limits: this.#limits, batch };
    try {
      for (const key of keys) putKey(key, this.#sourceOf(key), to);
      return true;
    } catch (error) {
      if (!(error instanceof PersistError)) throw error;
      batch.puts.clear();
      batch.deletes.clear();
      this.#bookkeeping.reset(this.#goodMeta);
      return false;
    }
  }

  #fits(keys: ReadonlySet<string>, maxBytes: number): boolean {
    let left = maxBytes;
    for (const key of keys) {
      const bytes = sizeUpTo(ownValue(this.#sourceOf(key), key), left);
      if (bytes === undefined) return false;
      left -= bytes;
    }
    return true;
  }

  /** A flush is lost, and with it every one that builds on it. */
  #onLost({ keys, segment, losses }: Flight): void {
    // A wake reads segments up to the first that is missing: those of the lost flights are used again. Of a chain of flights that build on
    // each other the first to be lost says where it began.
    if (losses === this.#losses) {
      this.#losses++;
      this.#nextSegment = segment;
    }
    for (const key of keys) this.#whole.add(key);
    for (const flight of this.#flights) for (const key of flight.keys) this.#whole.add(key);
    this.#after = this.#good;
    this.#bookkeeping.reset(this.#goodMeta);
  }
}
