import { batch } from "../signals.js";
import { ABSENT, addCell, findCell, lengthOf, Shown } from "../cells.js";
import { isConsumed } from "../active-consumer.js";
import { isObject } from "../kinds.js";
import { adoptAny, NODE, Node } from "../node.js";
import { running } from "../running.js";

/** Symbols of the language are read by the language; following them would only cost. */
const languageSymbols = new Set<unknown>(
  Object.getOwnPropertyNames(Symbol).map((name) => Reflect.get(Symbol, name) as unknown),
).add(NODE);

type Properties = Record<PropertyKey, unknown>;

const hasOwn = Object.hasOwn;

export const isAccessor = (descriptor: PropertyDescriptor) =>
  descriptor.get !== undefined || descriptor.set !== undefined;

/** Whether what is read at `key` is the prototype, which is no part of the tree and is handed out plain. */
export const isPrototype = (raw: object, key: PropertyKey) => key === "__proto__" && !hasOwn(raw, key);

/** The descriptor of `key` on the object or the first above it that has one. */
export function findDescriptor(raw: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let owner: object | null = raw; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

/** Answers `JSON.stringify` with the plain tree, at its speed, when nobody follows what is read. */
function toJSON(this: object): unknown {
  return (this as { [NODE]?: Node })[NODE]?.raw ?? this;
}

/** Whether `raw` has nothing but plain, enumerable properties, and inherits nothing that could run or be hidden by an assignment. */
function isBare(raw: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(raw);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key of Reflect.ownKeys(raw)) {
    const descriptor = Object.getOwnPropertyDescriptor(raw, key);
    if (descriptor?.writable !== true || descriptor.enumerable !== true) return false;
  }
  return true;
}

/** For what can't be taken back. */
export function refuseInTransaction(what: string): void {
  if (running.transaction === undefined) return;
  throw new TypeError(
    `[reactive] an object can't be ${what} in a transaction, as that can't be taken back; do it outside`,
  );
}

const NOT_BARE = -1;
const BARE = -2;
const MAX_CAREFUL = 8;

/** Of how many keys the objects handed out are remembered; a look at the object itself takes as long as a few steps of the list. */
const MAX_SHOWN = 6;

/** The node of an object with properties, and the handler of its proxy. */
export class ObjectNode extends Node {
  protected override open(): object {
    return new Proxy(this.raw, this as ProxyHandler<object>);
  }

  getProperty(target: object, key: PropertyKey, receiver: unknown): unknown {
    const { bareness } = this;
    if (bareness > BARE) return this.getCareful(target, key, receiver);
    const value = (target as Properties)[key];
    // Reading a signal that is there costs less than finding out whether anybody is listening.
    let cell = this.cells;
    while (cell !== undefined && cell.key !== key) cell = cell.next;
    if (cell !== undefined) void cell.value;
    else if (isConsumed()) this.readFirst(key, value);
    if (typeof value !== "object" || value === null) {
      return value === undefined ? this.getHidden(key, receiver) : value;
    }
    let shown = this.shown;
    while (shown !== undefined && shown.key !== key) shown = shown.next;
    return shown !== undefined && shown.raw === value ? shown.view : this.show(key, value, shown);
  }

  /** For a consumer that reads `key`, which may have no signal yet. */
  protected readFirst(key: PropertyKey, value: unknown): void {
    if (typeof key === "string" || !languageSymbols.has(key))
      void (findCell(this, key) ?? addCell(this, key, value)).value;
  }

  /** Hands out the object at `key` and remembers that for the next reader, unless every reader has to ask its node. */
  protected show(key: PropertyKey, value: object, known: Shown | undefined): object {
    if (isPrototype(this.raw, key)) return value;
    const node = this.childNode(value);
    const view = node.getView();
    if (node.view === undefined) return view;
    if (known !== undefined) {
      known.raw = node.raw;
      known.view = view;
    } else if (lengthOf(this.shown) < MAX_SHOWN) {
      this.shown = new Shown(key, node.raw, view, this.shown);
    }
    return view;
  }

  /** Lets go of what was handed out from `key`, so that a dropped object can be collected. */
  protected hide(key: unknown): void {
    for (let shown = this.shown; shown !== undefined; shown = shown.next) {
      if (shown.key !== key) continue;
      shown.raw = undefined;
      shown.view = undefined;
    }
  }

  override get isBare(): boolean {
    return this.bareness <= BARE;
  }

  protected checkBare(): boolean {
    if (this.bareness >= 0) this.bareness = isBare(this.raw) ? BARE : NOT_BARE;
    return this.bareness <= BARE;
  }

  /** Reads what may be an accessor, or inherited, or can never change. */
  protected getCareful(target: object, key: PropertyKey, receiver: unknown): unknown {
    const value: unknown = Reflect.get(target, key, receiver);
    const isTracking = isConsumed();
    const isLeaf = typeof value !== "object" || value === null;
    if (!isTracking && isLeaf && (this.bareness < 0 || ++this.bareness < MAX_CAREFUL)) {
      return value === undefined ? this.getHidden(key, receiver) : value;
    }
    // Looked at only where it pays: not for a leaf that nobody follows and that is read once or twice.
    if (this.checkBare()) return this.getProperty(target, key, receiver);
    const descriptor = findDescriptor(target, key);
    if (descriptor !== undefined && isAccessor(descriptor)) {
      // What a getter reads is followed when it reads it; this follows which getter it is.
      if (isTracking) this.trackValue(key, descriptor.get);
      return isPrototype(target, key) ? value : this.wrap(value);
    }
    const isOfLanguage = languageSymbols.has(key);
    if (isTracking && !isOfLanguage) this.trackValue(key, value);
    if (value === undefined) return this.getHidden(key, receiver);
    if (isOfLanguage) return value;
    // The language insists on the very value of a property that can never change.
    if (descriptor?.configurable === false && descriptor.writable === false && hasOwn(target, key))
      return value;
    return isLeaf ? value : this.childNode(value).getView();
  }

  /** What only a proxy has. */
  protected getHidden(key: PropertyKey, receiver: unknown): unknown {
    if (typeof key === "string" ? key !== "toJSON" : key !== NODE) return undefined;
    if (receiver !== this.view) return undefined;
    if (key === NODE) return this;
    return isConsumed() ? undefined : toJSON;
  }

  setProperty(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    if (receiver !== this.view || !(this.bareness <= BARE || this.checkBare())) {
      return this.setUncommon(target, key, value, receiver);
    }
    const before = (target as Properties)[key];
    if (typeof value === "object" || typeof before !== typeof value) {
      return this.setObject(target, key, value, receiver, before);
    }
    if (before === value ? value !== 0 || Object.is(before, value) : value !== value && before !== before) {
      return before !== undefined || hasOwn(target, key) || this.setUncommon(target, key, value, receiver);
    }
    // A function may be inherited, and may be refused.
    if (running.transaction !== undefined || typeof value === "function") {
      return this.setObject(target, key, value, receiver, before);
    }
    (target as Properties)[key] = value;
    const { claim } = this;
    if (claim !== undefined && claim.quietKey !== key) this.announceSoon(key, before, value);
    else if (this.cells !== undefined) findCell(this, key)?.trigger(value);
    return true;
  }

  /** A write of, or over, an object or a property that isn't there. */
  protected setObject(
    target: object,
    key: PropertyKey,
    value: unknown,
    receiver: unknown,
    before: unknown,
  ): boolean {
    if (!hasOwn(target, key)) return this.setUncommon(target, key, value, receiver);
    const after = adoptAny(value);
    if (Object.is(before, after)) {
      this.noteReassigned(key, after);
      return true;
    }
    this.beforeWrite(after, key);
    (target as Properties)[key] = after;
    this.announceSoon(key, before, after);
    return true;
  }

  protected announceSoon(key: PropertyKey, before: unknown, after: unknown): void {
    if (this.isQuiet) this.announce(key, before, after);
    else batch(() => this.announce(key, before, after));
  }

  /** Tells that the value of a property that was there changed. */
  protected announce(key: PropertyKey, before: unknown, after: unknown): void {
    if (this.shown !== undefined) this.hide(key);
    if (this.claim !== undefined) this.noteKey(key, before, after);
    if (this.cells !== undefined) findCell(this, key)?.trigger(after);
  }

  protected setUncommon(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    if (receiver !== this.view) return Reflect.set(target, key, value, receiver);
    const own = Object.getOwnPropertyDescriptor(target, key);
    const found = own ?? findDescriptor(target, key);
    if (found !== undefined && isAccessor(found)) return Reflect.set(target, key, value, receiver);
    const after = adoptAny(value);
    if (own !== undefined && Object.is(own.value, after)) {
      if (own.writable === true) this.noteReassigned(key, after);
      return own.writable === true;
    }
    if (own?.writable === false || (own === undefined && !Object.isExtensible(target))) return false;
    this.beforeWrite(after, key);
    if (!Reflect.set(target, key, after)) return false;
    this.wrote(key, own, after);
    return true;
  }

  /** The object that is there was assigned again. Who tracks shallowly can't know whether its inside is the same. */
  protected noteReassigned(key: PropertyKey, value: unknown): void {
    if (isObject(value) && this.claim?.trackers?.some((tracker) => tracker.isShallow) === true) {
      this.noteKey(key, value, value);
    }
  }

  /** After a write: `before` is the property that was there, `after` the value that is, or ABSENT; hidden is what nobody lists. */
  protected wrote(
    key: PropertyKey,
    before: PropertyDescriptor | undefined,
    after: unknown,
    isHidden = before?.enumerable === false,
  ): void {
    if (this.shown !== undefined) this.hide(key);
    if (this.claim === undefined && !this.isRead) return;
    batch(() => {
      this.noteProperty(key, before, after, isHidden);
      this.refreshKey(
        key,
        (before === undefined) !== (after === ABSENT) || (before?.enumerable === false) !== isHidden,
      );
    });
  }

  /** To who follows the tree, a hidden property isn't there, as it isn't in a structured clone; what it holds is followed. */
  protected noteProperty(
    key: PropertyKey,
    before: PropertyDescriptor | undefined,
    after: unknown,
    isHidden: boolean,
  ): void {
    const { claim } = this;
    if (claim === undefined) return;
    claim.relink(key, before?.value, after);
    claim.noteKey(key, before?.enumerable === true ? before.value : ABSENT, isHidden ? ABSENT : after);
  }

  has(target: object, key: PropertyKey): boolean {
    const isPresent = Reflect.has(target, key);
    if (!languageSymbols.has(key)) this.trackPresence(key, isPresent);
    return isPresent;
  }

  ownKeys(target: object): (string | symbol)[] {
    this.trackStructure();
    return Reflect.ownKeys(target);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    this.trackPresence(key, descriptor !== undefined, "own");
    // Of what can never change the language insists on the value itself.
    if ((descriptor?.configurable === true || descriptor?.writable === true) && isObject(descriptor.value)) {
      descriptor.value = this.nodeOf(descriptor.value).peekView();
    }
    return descriptor;
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const before = Object.getOwnPropertyDescriptor(target, key);
    const wanted = { ...descriptor };
    if ("value" in wanted) wanted.value = adoptAny(wanted.value);
    const value: unknown = "value" in wanted ? wanted.value : before?.value;
    const isKept = !(wanted.configurable ?? before?.configurable);
    const isWritable = wanted.writable ?? before?.writable;
    if (isKept && !isWritable) this.refuseFixed(value, key);
    if (isKept && (before?.configurable !== false || before.writable !== isWritable)) {
      refuseInTransaction("given a property that stays as it is");
    }
    this.beforeWrite(value, key);
    if (!Reflect.defineProperty(target, key, wanted)) return false;
    this.bareness = 0;
    const after = Object.getOwnPropertyDescriptor(target, key);
    if (
      !Object.is(before?.value, after?.value) ||
      before?.get !== after?.get ||
      before?.enumerable !== after?.enumerable
    ) {
      this.wrote(key, before, after?.value, after?.enumerable === false);
    }
    return true;
  }

  /** The language insists on the very value of a property that can never change, and a proxy can't stand in for that. */
  protected refuseFixed(value: unknown, key: unknown): void {
    if (!isObject(value) || this.nodeOf(value).peekView() === value) return;
    throw new TypeError(
      `[reactive] "${String(key)}" holds an object, which can't be followed from a property fixed for good; ` +
        "freeze the plain object before it becomes state",
    );
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    const before = Object.getOwnPropertyDescriptor(target, key);
    if (before === undefined) return true;
    this.beforeWrite(undefined, key);
    if (!Reflect.deleteProperty(target, key)) return false;
    this.wrote(key, before, ABSENT);
    return true;
  }

  preventExtensions(target: object): boolean {
    refuseInTransaction("made non-extensible");
    // The first step of freezing, and the last moment to refuse it.
    this.eachChild((child, key) => this.refuseFixed(child, key));
    return Reflect.preventExtensions(target);
  }

  setPrototypeOf(target: object, prototype: object | null): boolean {
    refuseInTransaction("given another prototype");
    const done = Reflect.setPrototypeOf(target, prototype);
    this.bareness = 0;
    this.refresh();
    return done;
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    for (const key of Reflect.ownKeys(this.raw)) {
      const value: unknown = Object.getOwnPropertyDescriptor(this.raw, key)?.value;
      if (typeof value === "object" && value !== null) visit(value, key);
    }
  }

  override replaceChild(key: unknown, _proxy: object, value: object): void {
    if (!Reflect.defineProperty(this.raw, key as PropertyKey, { value })) {
      throw new TypeError(
        `[reactive] the read-only property "${String(key)}" holds a reactive proxy; define it with toRaw(value) instead`,
      );
    }
  }

  protected override valueAt(key: unknown): unknown {
    const descriptor = findDescriptor(this.raw, key as PropertyKey);
    return descriptor?.get ?? descriptor?.value;
  }

  protected override holds(key: unknown): boolean {
    return Reflect.has(this.raw, key as PropertyKey);
  }

  override restored(): void {
    this.shown = undefined;
    this.bareness = 0;
  }
}

const { getProperty, setProperty } = ObjectNode.prototype;
export const createObjectNode = (raw: object): ObjectNode => new ObjectNode(raw, getProperty, setProperty);
