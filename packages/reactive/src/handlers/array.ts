import { batch } from "../signals.js";
import { isConsumed } from "../active-consumer.js";
import { ABSENT, addCell, Cell, findCell } from "../cells.js";
import { isObject, toPosition } from "../kinds.js";
import { adoptAny, NODE, type Node, nodeBehind } from "../node.js";
import { running } from "../running.js";
import { findDescriptor, isAccessor, isPrototype, ObjectNode, refuseInTransaction } from "./object.js";

/** What an array's own methods are replaced with, by the native function. */
export type MethodTable = ReadonlyMap<unknown, unknown>;

const hasOwn = Object.hasOwn;
const NOTHING: readonly unknown[] = [];

/**
 * The array whose method was read last. As a rule it is called at once, and asking the proxy for its node would take as
 * long as a read; let go of by the call.
 */
let asked: ArrayNode | undefined;

function ask(array: ArrayNode): void {
  asked = array;
}

/** The node behind the `this` of a method. */
export function calledOn(self: unknown): Node | undefined {
  const node = asked;
  asked = undefined;
  if (node !== undefined && node.view === self) return node;
  return isObject(self) ? nodeBehind(self) : undefined;
}

/** The node of an array. A change by a method is one change, however many indexes it moves. */
export class ArrayNode extends ObjectNode {
  constructor(
    raw: object,
    readonly methods: MethodTable,
  ) {
    super(raw, ArrayNode.prototype.getProperty, ArrayNode.prototype.setProperty);
    if (Object.getPrototypeOf(raw) !== Array.prototype) this.#takeCare();
  }

  /** From now on there may be accessors, or what can't be written. */
  #takeCare(): void {
    this.get = ArrayNode.prototype.getOrRun;
    this.set = ArrayNode.prototype.setOrRun;
  }

  getOrRun(target: object, key: PropertyKey, receiver: unknown): unknown {
    const found = findDescriptor(target, key);
    return found !== undefined && isAccessor(found)
      ? this.getCareful(target, key, receiver)
      : this.getProperty(target, key, receiver);
  }

  setOrRun(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    const found = findDescriptor(target, key);
    return found?.writable === true && hasOwn(target, key)
      ? this.setProperty(target, key, value, receiver)
      : this.setUncommon(target, key, value, receiver);
  }

  override preventExtensions(target: object): boolean {
    this.#takeCare();
    return super.preventExtensions(target);
  }

  override setPrototypeOf(target: object, prototype: object | null): boolean {
    this.#takeCare();
    return super.setPrototypeOf(target, prototype);
  }

  /** What was handed out last: the raw objects by index, verified before use, and their views. */
  seen: unknown[] | undefined = undefined;
  views: (object | undefined)[] | undefined = undefined;
  /** The signals of indexes; those of `length` and of names are in the list that every node has. Undefined while there are no signals at all. */
  itemCells: (Cell | undefined)[] | undefined = undefined;
  /** The length before the last write that could make the array longer. */
  #lengthBefore = 0;
  /** Properties that are no indexes, once somebody looked for them. */
  protected names: PropertyKey[] | undefined = undefined;

  override get isBare(): boolean {
    return this.get === ArrayNode.prototype.getProperty;
  }

  /** Whether there is nothing but items, of which a walk comes to an end. */
  get isPlainList(): boolean {
    return this.isBare && this.#namesNow().length === 0 && !isSparse(this.list);
  }

  #namesNow(): PropertyKey[] {
    return (this.names ??= namesOf(this.list));
  }

  get list(): unknown[] {
    return this.raw as unknown[];
  }

  override getProperty(target: object, key: PropertyKey, receiver: unknown): unknown {
    const value: unknown = (target as Record<PropertyKey, unknown>)[key];
    if (typeof value === "function") {
      if (isConsumed() && typeof key === "string" && hasOwn(target, key)) this.trackValue(key, value);
      const method = this.methods.get(value);
      if (method === undefined) return Reflect.get(target, key, receiver);
      ask(this);
      return method;
    }
    if (typeof key === "symbol")
      return key === NODE && receiver === this.view ? this : this.getCareful(target, key, receiver);
    const cell = this.itemCells?.[key as unknown as number];
    if (typeof cell === "object") void cell.value;
    else this.trackValue(key, value);
    if (typeof value !== "object" || value === null) {
      return value === undefined ? this.getHidden(key, receiver) : value;
    }
    const { seen } = this;
    if (seen !== undefined && seen[key as unknown as number] === value)
      return (this.views as object[])[key as unknown as number];
    return isPrototype(target, key) ? value : this.showAnew(Number(key), value);
  }

  override trackValue(key: unknown, value: unknown): void {
    const cell = this.itemCells && this.findCell(key);
    if (cell !== undefined) void cell.value;
    else if (isConsumed()) void this.#addCell(key as PropertyKey, value).value;
  }

  #addCell(key: PropertyKey, value: unknown): Cell {
    const itemCells = (this.itemCells ??= []);
    const position = toPosition(key);
    return typeof position === "number"
      ? (itemCells[position] = new Cell(key, value, undefined))
      : addCell(this, key, value);
  }

  protected override findCell(key: unknown): Cell | undefined {
    const cell = this.itemCells?.[key as number];
    // "length" finds a number, and "at" a function.
    return typeof cell === "object" ? cell : findCell(this, key);
  }

  override get isRead(): boolean {
    return this.itemCells !== undefined || super.isRead;
  }

  override refreshCells(): void {
    super.refreshCells();
    // Its own values only: an index may be far beyond all others.
    for (const cell of Object.values(this.itemCells ?? [])) cell?.trigger(this.valueAt(cell.key));
  }

  override showItem(index: number, value: object): object {
    const { seen } = this;
    return seen !== undefined && seen[index] === value
      ? ((this.views as object[])[index] as object)
      : this.showAnew(index, value);
  }

  /** Hands out the object at an index, and remembers that for the next reader. */
  protected showAnew(index: number, value: object): object {
    const node = this.childNode(value);
    const { view } = node;
    // What is opened now may be read this once; and a Date is asked by every reader anew.
    if (view === undefined) return node.getView();
    const seen = (this.seen ??= []);
    const views = (this.views ??= []);
    // A list with gaps would be slow.
    if (index <= seen.length) {
      seen[index] = value;
      views[index] = view;
    }
    return view;
  }

  /** Lets go of what was handed out from `index` on, so that what was dropped can be collected. */
  protected hideFrom(index: number): void {
    const { seen, views } = this;
    if (seen === undefined || views === undefined || index >= seen.length) return;
    seen.length = index;
    views.length = index;
  }

  override setProperty(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    if (receiver !== this.view || typeof key === "symbol")
      return this.setUncommon(target, key, value, receiver);
    if (key === "length") return this.setLength(value);
    const before: unknown = (target as Record<PropertyKey, unknown>)[key];
    // Of one type, so there is a value at the key already.
    if (
      typeof before === typeof value &&
      typeof before !== "object" &&
      typeof before !== "function" &&
      before !== undefined &&
      this.isUnfollowed
    ) {
      (target as Record<PropertyKey, unknown>)[key] = value;
      return true;
    }
    const after = adoptAny(value);
    const isThere = before !== undefined || hasOwn(target, key);
    if (isThere && Object.is(before, after)) return true;
    if (!isThere || typeof before === "function" || key === "__proto__")
      return this.setUncommon(target, key, value, receiver);
    if (this.claim !== undefined || running.transaction !== undefined) this.beforeIndexWrite(key, after);
    (target as Record<PropertyKey, unknown>)[key] = after;
    this.announceSoon(key, before, after);
    return true;
  }

  /** Whether there is nobody to tell that a primitive became another. */
  protected get isUnfollowed(): boolean {
    return (
      this.claim === undefined &&
      this.itemCells === undefined &&
      this.keySignals === undefined &&
      running.transaction === undefined
    );
  }

  protected override announce(key: PropertyKey, before: unknown, after: unknown): void {
    if (typeof before === "object") this.hideAt(key);
    if (this.claim !== undefined) this.noteKey(key, before, after);
    if (this.keySignals === undefined || typeof toPosition(key) !== "number")
      this.findCell(key)?.trigger(after);
    else {
      batch(() => {
        this.findCell(key)?.trigger(after);
        this.triggerContents();
      });
    }
  }

  protected override setUncommon(
    target: object,
    key: PropertyKey,
    value: unknown,
    receiver: unknown,
  ): boolean {
    this.#beforeUncommon(key);
    return super.setUncommon(target, key, value, receiver);
  }

  #beforeUncommon(key: PropertyKey): void {
    this.#lengthBefore = this.list.length;
    if (typeof toPosition(key) === "number") return;
    this.names = undefined;
    if (running.transaction !== undefined) this.beforeIndexWrite(key, undefined);
  }

  protected beforeIndexWrite(key: PropertyKey, value: unknown): void {
    const position = toPosition(key);
    this.beforeWrite(value, position);
    // A transaction remembers the indexes alone, as looking for other names takes long in a long array.
    if (typeof position === "number" || running.transaction === undefined) return;
    const { raw } = this;
    const before = Object.getOwnPropertyDescriptor(raw, key);
    running.transaction.onRollback(() => {
      if (before === undefined) Reflect.deleteProperty(raw, key);
      else Object.defineProperty(raw, key, before);
    });
  }

  override beforeWrite(value: unknown, key: unknown): void {
    super.beforeWrite(value, toPosition(key as PropertyKey));
  }

  setLength(value: unknown): boolean {
    const { list } = this;
    const before = list.length;
    if (value === before) return true;
    this.beforeWrite(undefined, "length");
    if (typeof value === "number" && value < before) {
      const removed = tailOf(list, value);
      if (!Reflect.set(list, "length", value)) return false;
      this.noteSplice(value, removed, NOTHING);
      return true;
    }
    const old = tailOf(list);
    if (!Reflect.set(list, "length", value)) return false;
    this.settle(old);
    return true;
  }

  override defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    this.#takeCare();
    if (key !== "length") {
      this.#beforeUncommon(key);
      return super.defineProperty(target, key, descriptor);
    }
    if (descriptor.writable === false) refuseInTransaction("given a length that stays as it is");
    const before = tailOf(this.list);
    this.beforeWrite(undefined, key);
    if (!Reflect.defineProperty(target, key, descriptor)) return false;
    this.settle(before);
    return true;
  }

  override deleteProperty(target: object, key: PropertyKey): boolean {
    this.#beforeUncommon(key);
    return super.deleteProperty(target, key);
  }

  protected hideAt(key: PropertyKey): void {
    const { seen, views } = this;
    const position = toPosition(key);
    if (seen === undefined || views === undefined || typeof position !== "number") return;
    if (position >= seen.length) return;
    seen[position] = undefined;
    views[position] = undefined;
  }

  protected override wrote(
    key: PropertyKey,
    before: PropertyDescriptor | undefined,
    after: unknown,
    isHidden?: boolean,
  ): void {
    this.hideAt(key);
    batch(() => {
      super.wrote(key, before, after, isHidden);
      findCell(this, "length")?.trigger(this.list.length);
      if (typeof toPosition(key) === "number") this.triggerContents();
    });
  }

  protected override noteProperty(
    key: PropertyKey,
    before: PropertyDescriptor | undefined,
    after: unknown,
  ): void {
    this.noteKey(key, before === undefined ? ABSENT : before.value, after);
  }

  override noteKey(key: unknown, before: unknown, after: unknown): void {
    const { claim } = this;
    if (claim === undefined) return;
    const position = toPosition(key as PropertyKey);
    claim.relink(position, before, after);
    claim.noteOp(
      after === ABSENT ? { op: "delete", key: position } : { op: "set", key: position, value: after },
      this.list.length,
      claim.isWatched ? { kind: "key", key: position, before, after, length: this.#lengthBefore } : undefined,
    );
  }

  /** After `removed` at `index` gave way to `inserted`. */
  noteSplice(index: number, removed: readonly unknown[], inserted: readonly unknown[]): void {
    if (index === 0 && removed.length === 1 && inserted.length === 0) {
      this.seen?.shift();
      this.views?.shift();
    } else this.hideFrom(index);
    if (this.claim === undefined && !this.isRead) return;
    this.#tellSplice(index, removed, inserted);
  }

  #tellSplice(index: number, removed: readonly unknown[], inserted: readonly unknown[]): void {
    if (this.isQuiet) this.#announceSplice(index, removed, inserted);
    else batch(() => this.#announceSplice(index, removed, inserted));
  }

  /** `inserted` may be the list itself, where all of it has moved. */
  #announceSplice(index: number, removed: readonly unknown[], inserted: readonly unknown[]): void {
    const { claim, list } = this;
    if (claim !== undefined) {
      for (const offset of indexesOf(inserted)) {
        const value = inserted[offset];
        if (isObject(value)) claim.attach(value, index + offset);
      }
      for (const offset of indexesOf(removed)) {
        const value = removed[offset];
        if (isObject(value)) claim.detach(value);
      }
      claim.noteOp(
        inserted === list ? undefined : { op: "splice", index, remove: removed.length, insert: inserted },
        list.length,
        claim.isWatched ? { kind: "splice", index, removed, inserted } : undefined,
      );
    }
    if (!this.isRead) return;
    const isMove = removed.length !== inserted.length || hasHoles(removed) || hasHoles(inserted);
    this.refresh(isMove);
  }

  /** After a change that moved things about: `before` is the content as it was, with its holes. */
  settle(before: readonly unknown[]): void {
    if (!differs(before, this.list)) return;
    this.hideFrom(0);
    this.#tellSplice(0, before, this.list);
  }

  override touch(key: unknown): void {
    super.touch(typeof key === "number" ? String(key) : key);
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    const { list } = this;
    for (const index of indexesOf(list)) {
      const value = list[index];
      if (typeof value === "object" && value !== null) visit(value, index);
    }
    for (const name of this.#namesNow()) {
      const value: unknown = Object.getOwnPropertyDescriptor(list, name)?.value;
      if (isObject(value)) visit(value, name);
    }
  }

  protected override valueAt(key: unknown): unknown {
    return (this.raw as Record<PropertyKey, unknown>)[key as PropertyKey];
  }

  override restored(): void {
    this.hideFrom(0);
    this.names = undefined;
  }
}

/** The properties of `list` that are no indexes; the language lists them last. */
function namesOf(list: readonly unknown[]): PropertyKey[] {
  const keys = Reflect.ownKeys(list);
  return keys.slice(keys.indexOf("length") + 1);
}

const hasHoles = (list: readonly unknown[]) =>
  list.includes(undefined) && Object.keys(list).length < list.length;

/** Whether there may be far more slots than items. One slot tells it of almost every array. */
export const isSparse = (list: readonly unknown[]) =>
  list.length > 1000 && !(Math.trunc(list.length / 2) in list);

/** The indexes of `list`, without most of the holes where there may be very many: a walk over a gap could take minutes. */
export const indexesOf = (list: readonly unknown[]): Iterable<number> =>
  isSparse(list)
    ? Reflect.ownKeys(list)
        .map(toPosition)
        .filter((index) => typeof index === "number")
    : NOTHING.keys.call(list);

/** What stands from `from` on, with its holes, in a plain array: a class may make something else of what it's asked for. */
export function tailOf(list: readonly unknown[], from = 0): unknown[] {
  if ((list as object).constructor === Array && !isSparse(list)) return list.slice(from);
  const tail: unknown[] = [];
  tail.length = list.length - from;
  for (const index of indexesOf(list)) if (index >= from && index in list) tail[index - from] = list[index];
  return tail;
}

/** Whether two lists hold something else, or have holes elsewhere. */
export function differs(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return true;
  for (let index = 0; index < after.length; index++) {
    if (!Object.is(before[index], after[index])) return true;
    if (after[index] === undefined && index in before !== index in after) return true;
  }
  return false;
}
