import { type Signal, signal } from "@preact/signals-core";

/** Stands for "there is nothing", where `undefined` would say that there is `undefined`. */
export const ABSENT = Symbol("absent");
const NEGATIVE_ZERO = Symbol("-0");
const NOT_A_NUMBER = Symbol("NaN");

/** Signals compare with ===; what is put into one here makes that comparison as exact as Object.is. */
function exact(value: unknown): unknown {
  if (value === 0) return Object.is(value, -0) ? NEGATIVE_ZERO : value;
  return value !== value ? NOT_A_NUMBER : value;
}

/** How many cells are searched one after the other; beyond that a Map is faster. */
const MAX_LISTED = 8;

/** What is known of one key of one object: who reads its value or its presence, and which object stands there. */
export class Cell {
  value: Signal<unknown> | undefined = undefined;
  presence: Signal<boolean> | undefined = undefined;
  /** Whether the key is known to be no accessor. */
  isData = false;
  /** The object that was handed out from here last, and what was handed out for it. */
  raw: object | undefined = undefined;
  view: object | undefined = undefined;

  constructor(
    readonly key: unknown,
    readonly next: Cell | undefined,
  ) {}

  /** Lets go of what was handed out, so that a dropped object can be collected. */
  forget(): void {
    this.raw = undefined;
    this.view = undefined;
  }

  track(value: unknown): void {
    void (this.value ??= signal(exact(value))).value;
  }

  trackPresence(present: boolean): void {
    void (this.presence ??= signal(present)).value;
  }

  trigger(value: unknown): void {
    if (this.value !== undefined) this.value.value = exact(value);
  }
}

/** The cells of one object, by key. A few stand in a list, as most objects have few and a Map takes 200 bytes. */
export class Cells {
  #last: Cell | undefined = undefined;
  #count = 0;
  #byKey: Map<unknown, Cell> | undefined = undefined;

  find(key: unknown): Cell | undefined {
    if (this.#byKey !== undefined) return this.#byKey.get(key);
    let cell = this.#last;
    while (cell !== undefined && cell.key !== key) cell = cell.next;
    return cell;
  }

  /** Adds a cell for a key that has none. */
  add(key: unknown): Cell {
    const cell = new Cell(key, this.#last);
    this.#last = cell;
    this.#count++;
    if (this.#byKey !== undefined) this.#byKey.set(key, cell);
    // Only a Map finds NaN.
    else if (this.#count > MAX_LISTED || key !== key)
      this.#byKey = new Map(this.#all().map((one) => [one.key, one]));
    return cell;
  }

  #all(): Cell[] {
    const all: Cell[] = [];
    for (let cell = this.#last; cell !== undefined; cell = cell.next) all.push(cell);
    return all;
  }

  /** Forgets what was found out about the keys. */
  forget(): void {
    for (let cell = this.#last; cell !== undefined; cell = cell.next) {
      cell.isData = false;
      cell.forget();
    }
  }

  /** Brings every signal up to date. */
  refresh(read: (key: unknown) => unknown, has: (key: unknown) => boolean): void {
    for (let cell = this.#last; cell !== undefined; cell = cell.next) {
      if (cell.value !== undefined) cell.trigger(read(cell.key));
      if (cell.presence !== undefined) cell.presence.value = has(cell.key);
    }
  }
}
