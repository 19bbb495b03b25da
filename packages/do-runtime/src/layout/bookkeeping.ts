import { type LayoutName, type Meta, storedMeta } from "./meta.ts";
import { type Batch, META_ROW } from "./rows.ts";

/** The meta record as it is stored and as it is to be: a batch takes it along when the two differ. */
export class Bookkeeping {
  #meta: Meta;
  #isStored: boolean;

  /** `stored` tells whether `meta` is in storage just like that. */
  constructor(meta: Meta, { stored }: { stored: boolean }) {
    this.#meta = meta;
    this.#isStored = stored;
  }

  get meta(): Meta {
    return this.#meta;
  }

  get layout(): LayoutName {
    return this.#meta.layout;
  }

  /** Changes the record; the same content again is no change. */
  update(change: Partial<Meta>): void {
    this.#meta = { ...this.#meta, ...change };
    this.#isStored = false;
  }

  /** Goes back to an earlier record, since what came after it was lost. */
  reset(meta: Meta): void {
    this.#meta = meta;
    this.#isStored = false;
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

  /** Puts the record into the batch if storage doesn't have it; returns what to call when the batch is settled. */
  addTo(batch: Batch): (isStored: boolean) => void {
    if (this.#isStored) return () => {};
    const written = this.#meta;
    batch.puts.set(META_ROW, storedMeta(written));
    this.#isStored = true;
    return (isStored) => {
      if (!isStored) this.#isStored = false;
    };
  }
}
