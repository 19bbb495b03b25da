import { Signal } from "./signals.js";

/** Stands for "there is nothing", where `undefined` would say that there is `undefined`. */
export const ABSENT = Symbol("absent");
const NEGATIVE_ZERO = Symbol("-0");
const NOT_A_NUMBER = Symbol("NaN");

/** Signals compare with ===; what is put into one here makes that comparison as exact as Object.is. */
export function exact(value: unknown): unknown {
  if (value === 0) return Object.is(value, -0) ? NEGATIVE_ZERO : value;
  return value !== value ? NOT_A_NUMBER : value;
}

/**
 * The signal of one key's value, for who reads it. An accessor has none: its reader follows what the getter reads.
 * A signal with two fields more takes 40 bytes less than a signal and an entry that names it.
 */
export class Cell extends Signal<unknown> {
  constructor(
    readonly key: unknown,
    value: unknown,
    readonly next: Cell | undefined,
  ) {
    super(exact(value));
  }

  trigger(value: unknown): void {
    this.value = exact(value);
  }
}

/** An object that was handed out, and from where. Verified against the raw value, as only the own writes are known. */
export class Shown {
  constructor(
    readonly key: unknown,
    public raw: object | undefined,
    public view: object | undefined,
    readonly next: Shown | undefined,
  ) {}
}

/** What few objects need: only those whose keys somebody listed, asked for with `in`, iterated, or read very many of. */
export class KeySignals {
  /** Moves when the keys or their order change; what it holds is only another object each time. */
  structure: Signal<object> | undefined = undefined;
  /** Of what can be iterated: moves when the keys or any of the values change. */
  contents: Signal<object> | undefined = undefined;
  /** The signals of keys that somebody asked for with `in` or `has`. */
  presence: Map<unknown, Signal<boolean>> | undefined = undefined;
  /** Of those asked for as the object's own: what is inherited doesn't count here. */
  own: Map<unknown, Signal<boolean>> | undefined = undefined;
  /** The cells that are not in the owner's list. */
  cells: Map<unknown, Cell> | undefined = undefined;
}

/** An object's cells, by key. The first are a list that starts at the owner, since most objects have few, and a Map takes 200 bytes and more. */
export interface CellOwner {
  cells: Cell | undefined;
  keySignals: KeySignals | undefined;
}

/** How many cells the list may hold: as many as are searched in the time of a look-up in a Map. */
const MAX_LISTED = 10;

export function findCell(owner: CellOwner, key: unknown): Cell | undefined {
  let cell = owner.cells;
  while (cell !== undefined && cell.key !== key) cell = cell.next;
  return cell ?? owner.keySignals?.cells?.get(key);
}

/** Adds a cell for a key that has none. */
export function addCell(owner: CellOwner, key: unknown, value: unknown): Cell {
  // Only a Map finds NaN.
  if (key === key && lengthOf(owner.cells) < MAX_LISTED)
    return (owner.cells = new Cell(key, value, owner.cells));
  const cell = new Cell(key, value, undefined);
  ((owner.keySignals ??= new KeySignals()).cells ??= new Map()).set(key, cell);
  return cell;
}

export function lengthOf(list: Cell | Shown | undefined): number {
  let length = 0;
  for (let one = list; one !== undefined; one = one.next) length++;
  return length;
}

export function eachCell(owner: CellOwner, visit: (cell: Cell) => void): void {
  for (let cell = owner.cells; cell !== undefined; cell = cell.next) visit(cell);
  const more = owner.keySignals?.cells;
  if (more !== undefined) for (const cell of more.values()) visit(cell);
}
