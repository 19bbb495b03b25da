import { type LayoutName, type Meta, saysSomething, storedMeta } from "./meta.ts";
import { type Batch, KEY_PREFIX, META_ROW } from "./rows.ts";

/**
 * The meta record as it is stored and as it is to be: a batch takes it along when the two differ.
 *
 * It is not needed before it says something: without it, rows that hold strings are Verani's JSON and all others are ours. So an object
 * whose state has no top-level strings, and nothing else to remember, never writes it.
 */
export class Bookkeeping {
  #meta: Meta;
  /** Whether the record says something; of every flush, asked of a record that seldom changes. */
  #says: boolean;
  #isStored: boolean;
  /** Whether there may be a record in storage, be it another one. */
  #hasRow: boolean;

  /** `row` tells what storage has: the record just like that, another one, or none. */
  constructor(meta: Meta, row: "same" | "other" | "none") {
    this.#meta = meta;
    this.#says = saysSomething(meta);
    this.#isStored = row === "same";
    this.#hasRow = row !== "none";
  }

  get meta(): Meta {
    return this.#meta;
  }

  get layout(): LayoutName {
    return this.#meta.layout;
  }

  /** Whether the record says anything: where it doesn't, nothing is remembered of any key. */
  get says(): boolean {
    return this.#says;
  }

  /** Changes the record; the same content again is no change. */
  update(change: Partial<Meta>): void {
    this.reset({ ...this.#meta, ...change });
  }

  /** Goes back to an earlier record, since what came after it was lost. */
  reset(meta: Meta): void {
    this.#meta = meta;
    this.#says = saysSomething(meta);
    this.#isStored = false;
  }

  /** The record over an emptied storage, with a log that starts after `base`. */
  emptied(base: number): Bookkeeping {
    return new Bookkeeping({ ...this.#meta, gone: {}, foreign: [], parts: {}, base }, "none");
  }

  /** Notes that the key has no row and why, or, with `undefined`, that it has one. */
  setGone(key: string, gone: "deleted" | "undefined" | undefined): void {
    if ((Object.hasOwn(this.#meta.gone, key) ? this.#meta.gone[key] : undefined) === gone) return;
    const others = Object.entries(this.#meta.gone).filter(([other]) => other !== key);
    this.update({ gone: Object.fromEntries(gone === undefined ? others : [...others, [key, gone]]) });
  }

  /** Notes that the key's row holds our form from now on. */
  setOurs(key: string): void {
    if (!this.#meta.foreign.includes(key)) return;
    this.update({ foreign: this.#meta.foreign.filter((other) => other !== key) });
  }

  /** Notes in how many parts the key stands; 0: in its row. */
  setParts(key: string, count: number): void {
    const before = Object.hasOwn(this.#meta.parts, key) ? this.#meta.parts[key] : 0;
    if (before === count) return;
    const others = Object.entries(this.#meta.parts).filter(([other]) => other !== key);
    this.update({ parts: Object.fromEntries(count === 0 ? others : [...others, [key, count]]) });
  }

  /**
   * Puts the record into the batch if storage isn't known to have it; returns what to call when the batch is settled. Until then what is
   * written next takes it along, too: if the first write is rejected, and the object ends before it is made up for, the second has to be readable.
   */
  addTo(batch: Batch): (isStored: boolean) => boolean {
    if (this.#isStored || !(this.#hasRow || this.#says || hasString(batch))) return nothing;
    const written = this.#meta;
    batch.puts[META_ROW] = storedMeta(written);
    this.#hasRow = true;
    return (isStored) => {
      if (isStored && this.#meta === written) this.#isStored = true;
      return isStored;
    };
  }
}

const nothing = (isStored: boolean): boolean => isStored;

/** Whether a key's row gets a string, which without a record would be taken for Verani's JSON. */
function hasString({ puts }: Batch): boolean {
  for (const row of Object.keys(puts))
    if (typeof puts[row] === "string" && row.startsWith(KEY_PREFIX)) return true;
  return false;
}
