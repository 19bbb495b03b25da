import { ABSENT } from "../cells.js";
import { isObject } from "../kinds.js";
import { adoptAny, NODE, type Node, unwrap } from "../node.js";
import { running } from "../running.js";
import { CollectionNode } from "./collection.js";
import { dress, EntryIterator, GUARD, ItemIterator } from "./facade.js";

/** The node of a Map. */
export class MapNode extends CollectionNode<Map<unknown, unknown>> {
  protected override open(): object {
    // An object and its proxy are to be one key.
    this.unproxy();
    return dress(new ReactiveMap(this), this.raw);
  }

  /** An object that is a key comes and goes with its entry. */
  override noteKey(key: unknown, before: unknown, after: unknown): void {
    const { claim } = this;
    if (before === ABSENT && isObject(key)) claim?.attach(key, key);
    super.noteKey(key, before, after);
    if (after === ABSENT && isObject(key)) claim?.detach(key);
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    for (const [key, value] of this.entries) {
      if (isObject(key)) visit(key, key);
      if (isObject(value)) visit(value, key);
    }
  }

  override replaceChild(key: unknown, proxy: object, value: object): void {
    if (key !== proxy) {
      this.entries.set(key, value);
      return;
    }
    // A key can only be replaced by building the Map anew, as its place in the order counts.
    const entries = [...this.entries];
    this.entries.clear();
    for (const [at, entry] of entries)
      this.entries.set(at === proxy ? value : at, entry === proxy ? value : entry);
  }

  protected override valueAt(key: unknown): unknown {
    return this.entries.get(key);
  }
}

export class ReactiveMap extends Map<unknown, unknown> {
  readonly #node: MapNode;

  constructor(node: MapNode) {
    super();
    Map.prototype.set.call(this, GUARD, undefined);
    this.#node = node;
  }

  get [NODE](): Node | undefined {
    return #node in this ? this.#node : undefined;
  }

  override get size(): number {
    const node = this.#node;
    node.trackStructure();
    return (node.raw as Map<unknown, unknown>).size;
  }

  override get(key: unknown): unknown {
    const node = this.#node;
    const raw = typeof key === "object" ? unwrap(key) : key;
    const value = (node.raw as Map<unknown, unknown>).get(raw);
    node.trackValue(raw, value);
    return typeof value === "object" && value !== null ? node.wrap(value) : value;
  }

  override has(key: unknown): boolean {
    const node = this.#node;
    const raw = typeof key === "object" ? unwrap(key) : key;
    const isPresent = (node.raw as Map<unknown, unknown>).has(raw);
    node.trackPresence(raw, isPresent);
    return isPresent;
  }

  override set(key: unknown, value: unknown): this {
    const node = this.#node;
    const map = node.raw as Map<unknown, unknown>;
    const at = adoptAny(key);
    const after = adoptAny(value);
    const before = map.get(at);
    const isNew = before === undefined && !map.has(at);
    if (!isNew && Object.is(before, after)) return this;
    if (node.claim !== undefined || running.transaction !== undefined) {
      if (isNew && isObject(at)) node.beforeWrite(at, at);
      node.beforeWrite(after, at);
    }
    map.set(at, after);
    node.wrote(at, isNew ? ABSENT : before, after);
    return this;
  }

  override delete(key: unknown): boolean {
    const node = this.#node;
    const { entries: map } = node;
    const at = unwrap(key);
    if (!map.has(at)) return false;
    node.beforeWrite(undefined, at);
    const before = map.get(at);
    map.delete(at);
    node.wrote(at, before, ABSENT);
    return true;
  }

  override clear(): void {
    const node = this.#node;
    const before = [...node.entries];
    node.clear(before, before.flat());
  }

  override forEach(
    visit: (value: unknown, key: unknown, map: Map<unknown, unknown>) => void,
    thisArg?: unknown,
  ): void {
    const node = this.#node;
    node.trackContents();
    // oxlint-disable-next-line unicorn/no-array-for-each -- it is what is asked for: entries added meanwhile are visited, too
    node.entries.forEach((value, key) => visit.call(thisArg, node.wrap(value), node.wrap(key), this));
  }

  override keys(): MapIterator<unknown> {
    const node = this.#node;
    node.trackStructure();
    return new ItemIterator(node.entries.keys(), node) as never;
  }

  override values(): MapIterator<unknown> {
    const node = this.#node;
    node.trackContents();
    return new ItemIterator(node.entries.values(), node) as never;
  }

  override entries(): MapIterator<[unknown, unknown]> {
    const node = this.#node;
    node.trackContents();
    return new EntryIterator(node.entries.entries(), node) as never;
  }

  override getOrInsert(key: unknown, value: unknown): unknown {
    return this.getOrInsertComputed(key, () => value);
  }

  override getOrInsertComputed(key: unknown, compute: (key: unknown) => unknown): unknown {
    if (!this.has(key)) this.set(key, compute(key));
    return this.get(key);
  }
}

ReactiveMap.prototype.constructor = Map;
ReactiveMap.prototype[Symbol.iterator] = ReactiveMap.prototype.entries;
