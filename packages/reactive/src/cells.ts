import { Signal } from "@preact/signals-core";

/** Stands for "there is nothing", where `undefined` would say that there is `undefined`. */
export const ABSENT = Symbol("absent");
const NEGATIVE_ZERO = Symbol("-0");
const NOT_A_NUMBER = Symbol("NaN");

/** Signals compare with ===; what is put into one here makes that comparison as exact as Object.is. */
export function exact(value: unknown): unknown {
  if (value === 0) return Object.is(value, -0) ? NEGATIVE_ZERO : value;
  return value !== value ? NOT_A_NUMBER : value;
}

/** How many cells are searched one after the other; beyond that a Map is faster. */
const MAX_LISTED = 12;

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

/**
 * An object's cells, by key. They are a list that starts at the owner, since most objects have few, and a Map takes 200 bytes
 * and more.
 */
export interface CellOwner {
  cells: Cell | undefined;
  /** The same cells by key, when there are many. */
  cellIndex: Map<unknown, Cell> | undefined;
}

export function findCell(owner: CellOwner, key: unknown): Cell | undefined {
  if (owner.cellIndex !== undefined) return owner.cellIndex.get(key);
  let cell = owner.cells;
  while (cell !== undefined && cell.key !== key) cell = cell.next;
  return cell;
}

/** Adds a cell for a key that has none. */
export function addCell(owner: CellOwner, key: unknown, value: unknown): Cell {
  const cell = new Cell(key, value, owner.cells);
  owner.cells = cell;
  if (owner.cellIndex !== undefined) owner.cellIndex.set(key, cell);
  // Only a Map finds NaN.
  else if (key !== key || isLong(cell)) indexCells(owner);
  return cell;
}

function isLong(cell: Cell): boolean {
  let length = 0;
  for (let next: Cell | undefined = cell; next !== undefined; next = next.next) length++;
  return length > MAX_LISTED;
}

function indexCells(owner: CellOwner): void {
  const index = new Map<unknown, Cell>();
  for (let cell = owner.cells; cell !== undefined; cell = cell.next) index.set(cell.key, cell);
  owner.cellIndex = index;
}

/** Forgets all keys; whoever read one is told. */
export function dropCells(owner: CellOwner): void {
  let cell = owner.cells;
  owner.cells = undefined;
  owner.cellIndex = undefined;
  // A value no property has.
  for (const dropped = Symbol("dropped"); cell !== undefined; cell = cell.next) cell.trigger(dropped);
}
