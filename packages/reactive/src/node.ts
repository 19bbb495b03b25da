import { batch, signal } from "./signals.js";
import { hasRead, isConsumed } from "./active-consumer.js";
import { addCell, type Cell, eachCell, findCell, KeySignals, type Shown } from "./cells.js";
import type { Claim, Claimable } from "./claim.js";
import { isObject } from "./kinds.js";
import { running } from "./running.js";
import { stamp, stampedNode } from "./stamp.js";

/** The node of a raw object that was handed out or claimed; what is opaque has one, too. */
export const knownNode = stampedNode as (raw: object) => Node | undefined;

/** Asked of a proxy or facade, this property is its node; asked of anything else it is undefined. */
export const NODE = Symbol("node");

/** The node behind a proxy or facade. */
export function nodeBehind(value: object): Node | undefined {
  return (value as { [NODE]?: Node })[NODE];
}

/** The raw object behind a proxy; anything else as it is. */
export function unwrap<T>(value: T): T {
  return isObject(value) ? ((nodeBehind(value)?.raw as T | undefined) ?? value) : value;
}

type Create = (raw: object) => Node;
let create: Create;

/** Says how nodes are made. Every kind of node knows this module, so this one can't know the kinds. */
export function setCreate(made: Create): void {
  create = made;
}

/** The node of `value`, a raw object or a proxy, made when it is asked for first. */
const nodeFor = (value: object): Node => knownNode(value) ?? nodeBehind(value) ?? create(value);

/**
 * The object as it may stand in a raw tree: proxies replaced by what is behind them, at any depth.
 * What has a node already was adopted before.
 */
export function adopt(value: object): object {
  if (isAdopted(value)) return value;
  const behind = nodeBehind(value);
  if (behind !== undefined) return behind.raw;
  if (!isSimple(value)) unwrapWithin(knownNode(value) ?? create(value));
  return value;
}

/** Any value as it may stand in a raw tree. */
export const adoptAny = (value: unknown): unknown => (isObject(value) ? adopt(value) : value);

/** Objects that have a node, but were refused for what is in them: they are looked into again, as it may have been taken out. */
let refused: WeakSet<object> | undefined;

const isAdopted = (value: object): boolean =>
  knownNode(value) !== undefined && (refused === undefined || !refused.has(value));

/**
 * Whether `value` is a plain object that holds nothing but primitives: the most frequent case, told in a twentieth of the time
 * that descriptors take, at the price that a getter runs. A proxy under a symbol is not seen here, and replaced when it is read or claimed.
 */
function isSimple(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  try {
    for (const key in value) {
      const inner: unknown = (value as Record<string, unknown>)[key];
      if (typeof inner === "object" && inner !== null) return false;
    }
    return true;
  } catch {
    // A getter threw. Whoever reads it will see that; descriptors tell what there is without running it.
    return false;
  }
}

function unwrapWithin(root: Node): void {
  const walked = [root];
  let owner = root;
  const visit = (child: object, key: unknown) => {
    if (isAdopted(child)) return;
    const behind = nodeBehind(child);
    if (behind !== undefined) owner.replaceChild(key, child, behind.raw);
    else if (!isSimple(child)) walked.push(knownNode(child) ?? create(child));
  };
  try {
    for (const node of walked) {
      owner = node;
      owner.eachChild(visit);
    }
  } catch (error) {
    refused ??= new WeakSet();
    for (const { raw } of walked) refused.add(raw);
    throw error;
  }
  if (refused !== undefined) for (const { raw } of walked) refused.delete(raw);
}

export type GetTrap = (target: object, key: PropertyKey, receiver: unknown) => unknown;
export type SetTrap = (target: object, key: PropertyKey, value: unknown, receiver: unknown) => boolean;

/** All that is known of one raw object; for objects and arrays also the handler of their proxy. */
export abstract class Node implements Claimable {
  /**
   * The traps that run most, where the node is a proxy's handler. The language looks for them in the handler at every read
   * and write, field by field, and goes up to the prototype only then; as own and first fields they are found at once.
   */
  get: GetTrap | undefined;
  set: SetTrap | undefined;
  readonly raw: object;
  /** What the outside holds in the place of `raw`. */
  view: object | undefined;
  claim: Claim | undefined;
  cells: Cell | undefined;
  keySignals: KeySignals | undefined;
  /** Whether `raw` is bare: once that is known a negative number, before that how many reads did without knowing. */
  protected bareness: number;
  /** What was handed out. Both are an object's only, but a class that adds fields takes a call more to make each of its nodes. */
  protected shown: Shown | undefined;

  constructor(raw: object, get?: GetTrap, set?: SetTrap) {
    this.get = get;
    this.set = set;
    this.raw = raw;
    this.view = undefined;
    this.claim = undefined;
    this.cells = undefined;
    this.keySignals = undefined;
    this.bareness = 0;
    this.shown = undefined;
    stamp(raw, this);
  }

  protected abstract open(): object;
  eachChild(_visit: (value: object, key: unknown) => void): void {}
  /** Puts the raw object `value` where the proxy `proxy` stood. */
  replaceChild(_key: unknown, _proxy: object, _value: object): void {}
  /** The raw object was put back as it was before a transaction: what is remembered of it may be wrong. */
  restored(): void {}
  /** What stands at a key now, for the signals of this node. */
  protected valueAt(_key: unknown): unknown {
    return undefined;
  }

  protected holds(_key: unknown): boolean {
    return false;
  }

  /** Puts raw objects where proxies stand: what was made reactive around proxies holds them until it is read or claimed. */
  unproxy(): void {
    const found: [unknown, object][] = [];
    this.eachChild((child, key) => {
      if (nodeBehind(child) !== undefined) found.push([key, child]);
    });
    // Not on the way, as a Map's key can only be replaced by filling the Map anew.
    for (const [key, proxy] of found) this.replaceChild(key, proxy, unwrap(proxy));
  }

  /** The node of what stands in this one now. */
  protected childNode(value: object): Node {
    const known = knownNode(value);
    if (known !== undefined) return known;
    const node = nodeBehind(value) ?? create(value);
    if (node.raw !== value) this.unproxy();
    return node;
  }

  nodeOf(value: object): Node {
    return nodeFor(value);
  }

  getView(): object {
    return (this.view ??= this.open());
  }

  /** The view for somebody who doesn't read what is in it. */
  peekView(): object {
    return this.getView();
  }

  /** What a reader gets for a value of the raw tree. */
  wrap(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const node = nodeFor(value);
    return node.view ?? node.getView();
  }

  /** What a reader gets for the object at an index of an array. */
  showItem(_index: number, value: object): object {
    return this.wrap(value) as object;
  }

  trackStructure(): void {
    this.followMover("structure");
  }

  trackContents(): void {
    this.followMover("contents");
  }

  private followMover(name: "structure" | "contents"): void {
    const mover = this.keySignals?.[name];
    if (mover !== undefined) void mover.value;
    else if (isConsumed()) void ((this.keySignals ??= new KeySignals())[name] = signal({})).value;
  }

  trackValue(key: unknown, value: unknown): void {
    // Reading a signal that is there costs less than finding out whether anybody is listening.
    const cell = findCell(this, key);
    if (cell !== undefined) void cell.value;
    else if (isConsumed()) void addCell(this, key, value).value;
  }

  trackPresence(key: unknown, present: boolean, kind?: "own"): void {
    if (isConsumed()) this.followPresence(key, present, kind);
  }

  /** For the consumer that runs now. */
  followPresence(key: unknown, present: boolean, kind: "presence" | "own" = "presence"): void {
    // Who follows the structure is told of every key that comes or goes.
    const keySignals = (this.keySignals ??= new KeySignals());
    if (hasRead(keySignals.structure)) return;
    const presence = (keySignals[kind] ??= new Map());
    let asked = presence.get(key);
    if (asked === undefined) presence.set(key, (asked = signal(present)));
    void asked.value;
  }

  triggerContents(): void {
    const contents = this.keySignals?.contents;
    if (contents !== undefined) contents.value = {};
  }

  triggerStructure(): void {
    const structure = this.keySignals?.structure;
    if (structure !== undefined) structure.value = {};
  }

  /** Brings the signals of one key up to date; `isMoved`: it came, went, or changed its place. */
  protected refreshKey(key: unknown, isMoved: boolean): void {
    this.findCell(key)?.trigger(this.valueAt(key));
    this.#refreshPresence(key);
    if (isMoved) this.triggerStructure();
  }

  #refreshPresence(key: unknown): void {
    const { keySignals } = this;
    const presence = keySignals?.presence?.get(key);
    if (presence !== undefined) presence.value = this.holds(key);
    const own = keySignals?.own?.get(key);
    if (own !== undefined) own.value = Object.hasOwn(this.raw, key as PropertyKey);
  }

  /** Whether a change can be told at once: nobody runs on being told before all signals have moved. */
  get isQuiet(): boolean {
    const { claim } = this;
    return claim === undefined || (!claim.isWatched && (claim.isDirty || !claim.isTracked || !this.isRead));
  }

  /** Brings every signal of this node up to date, after a change of many keys at once; `hasOtherKeys`: some came or went. */
  refresh(hasOtherKeys = true): void {
    if (!this.isRead) return;
    batch(() => {
      this.refreshCells();
      if (hasOtherKeys) this.triggerStructure();
      this.triggerContents();
    });
  }

  get isBare(): boolean {
    return false;
  }

  /** Whether anything of this node was ever handed out or followed. */
  get isRead(): boolean {
    return this.cells !== undefined || this.keySignals !== undefined;
  }

  protected findCell(key: unknown): Cell | undefined {
    return findCell(this, key);
  }

  refreshCells(): void {
    eachCell(this, (cell) => cell.trigger(this.valueAt(cell.key)));
    const { presence, own } = this.keySignals ?? {};
    for (const asked of [presence, own]) for (const key of asked?.keys() ?? []) this.#refreshPresence(key);
  }

  /** To be called before the raw object is written: throws if who follows the tree refuses `value`. */
  beforeWrite(value: unknown, key: unknown): void {
    if (this.claim !== undefined && value !== undefined) this.claim.refuse(value, key);
    running.transaction?.beforeWrite(this);
  }

  /** Tells who follows the tree that at `key` there was `before` and is `after`, either of which may be ABSENT. */
  noteKey(key: unknown, before: unknown, after: unknown): void {
    const { claim } = this;
    if (claim === undefined) return;
    claim.relink(key, before, after);
    claim.noteKey(key, before, after);
  }

  /** Tells that the inside of what stands at `key` changed, unseen. */
  touch(key: unknown): void {
    const value = this.valueAt(key);
    const cell = this.findCell(key);
    const node = isObject(value) ? knownNode(value) : undefined;
    batch(() => {
      this.noteKey(key, value, value);
      // It may stand elsewhere, too.
      if (node?.claim?.isShared === true) node.claim.tell({ kind: "value", before: node.raw });
      // A value no property has: it moves the signal whatever the readers saw before.
      cell?.trigger(Symbol("touched"));
      node?.triggerStructure();
      this.triggerContents();
    });
  }
}
