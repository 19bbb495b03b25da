import { ABSENT } from "./cells.js";
import { isObject } from "./kinds.js";

/** Stands for an object that was there: the same object again may be another inside, so it never counts as "unchanged". */
const OBJECT = Symbol("object");
const NO_KEY = Symbol("no key");

/** What happened to the keys of an object, a Map or a Set since they were clean. */
export class KeyRecord {
  /** The first changed key, and what stood there; mostly there is no second, and a Map would cost more than all the rest. */
  #key: unknown = NO_KEY;
  #base: unknown = undefined;
  /** For each changed key what stood there when all was clean; in the order in which keys were added since. */
  #bases: Map<unknown, unknown> | undefined = undefined;
  /** Keys that were taken away since, and may be back, at another place in the order. */
  removed: Set<unknown> | undefined = undefined;
  isCleared = false;

  /** Whether `visit` accepts every changed key, given with what stood there when all was clean (ABSENT: nothing). */
  every(visit: (key: unknown, base: unknown) => boolean): boolean {
    if (this.#bases === undefined) return this.#key === NO_KEY || visit(this.#key, this.#base);
    for (const [key, base] of this.#bases) if (!visit(key, base)) return false;
    return true;
  }

  has(key: unknown): boolean {
    if (this.#bases !== undefined) return this.#bases.has(key);
    // As a Map compares: NaN is NaN.
    return this.#key === key || (key !== key && this.#key !== this.#key);
  }

  /** Notes that at `key` there was `before` and is `after`, either of which may be ABSENT. */
  note(key: unknown, before: unknown, after: unknown): void {
    const base = isObject(before) ? OBJECT : before;
    if (this.#bases === undefined && (this.#key === NO_KEY || this.#key === key)) {
      if (this.#key === NO_KEY) {
        this.#key = key;
        this.#base = base;
      }
    } else {
      const bases = (this.#bases ??= new Map([[this.#key, this.#base]]));
      if (!bases.has(key)) bases.set(key, base);
      else if (before === ABSENT) {
        const first = bases.get(key);
        bases.delete(key);
        bases.set(key, first);
      }
    }
    if (after === ABSENT) (this.removed ??= new Set()).add(key);
  }

  /** Notes that all keys went. What comes after is new. */
  noteClear(): void {
    this.isCleared = true;
    this.#key = NO_KEY;
    this.#bases = undefined;
    this.removed = undefined;
  }

  /** Whether `now`, at the changed `key` where `base` was, is what was there when all was clean. */
  isReverted(key: unknown, base: unknown, now: unknown): boolean {
    return Object.is(base, now) && this.removed?.has(key) !== true;
  }

  copy(): KeyRecord {
    const copy = new KeyRecord();
    copy.#key = this.#key;
    copy.#base = this.#base;
    copy.#bases = this.#bases && new Map(this.#bases);
    copy.removed = this.removed && new Set(this.removed);
    copy.isCleared = this.isCleared;
    return copy;
  }
}

export type ArrayOp =
  | { readonly op: "set"; readonly key: unknown; value: unknown }
  | { readonly op: "delete"; readonly key: unknown }
  | { readonly op: "splice"; readonly index: number; remove: number; insert: readonly unknown[] };

/** What happened to an array since it was clean, in order, until telling that would take more than the array. */
export class ArrayRecord {
  ops: ArrayOp[] = [];
  isWhole = false;
  /** Objects that were put in while they stood in the array already: which of both places is left, the operations alone don't tell. */
  again: Set<object> | undefined = undefined;
  #size = 0;

  note(op: ArrayOp, length: number): void {
    if (this.isWhole || this.#merge(op)) return;
    this.ops.push(op);
    this.#size += 1 + (op.op === "splice" ? op.insert.length : 0);
    if (this.#size > 32 + length / 2) this.noteWhole();
  }

  noteWhole(): void {
    this.isWhole = true;
    this.ops = [];
  }

  /** A queue's pushes and shifts, and repeated writes of one index, stay one operation. */
  #merge(op: ArrayOp): boolean {
    const last = this.ops.at(-1);
    if (last === undefined) return false;
    if (op.op === "set" && last.op === "set" && last.key === op.key) {
      last.value = op.value;
      return true;
    }
    if (op.op === "splice" && last.op === "splice" && op.insert.length === 0 && last.insert.length === 0) {
      if (op.index !== last.index) return false;
      last.remove += op.remove;
      return true;
    }
    return false;
  }

  copy(): ArrayRecord {
    const copy = new ArrayRecord();
    copy.ops = this.ops.map((op) => ({ ...op }));
    copy.isWhole = this.isWhole;
    copy.again = this.again && new Set(this.again);
    copy.#size = this.#size;
    return copy;
  }
}
