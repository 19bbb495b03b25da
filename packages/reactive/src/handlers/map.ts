import { batch } from "@preact/signals-core";
import { adopt, isObject, KeySignals, Node, unwrap } from "../node.js";

/** Follows a Map: each key read on its own, the order and the set of keys by the structure. */
export class MapNode extends Node {
  values: KeySignals | undefined = undefined;
  presence: KeySignals | undefined = undefined;

  get map(): Map<unknown, unknown> {
    return this.raw as Map<unknown, unknown>;
  }

  protected override open(): object {
    return new ReactiveMap(this);
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    for (const [key, value] of this.map) {
      if (isObject(key)) visit(key, key);
      if (isObject(value)) visit(value, key);
    }
  }

  override replaceChild(key: unknown, value: object): void {
    const entries = [...this.map];
    this.map.clear();
    for (const [at, entry] of entries) {
      this.map.set(unwrap(at), at === key || unwrap(at) === key ? value : entry);
    }
  }
}

/** Its own entries: a structured clone of the facade must fail, not lose what the raw Map holds. */
const guard = () => {
  throw new TypeError("[reactive] this is a reactive Map or Set; clone toRaw(value)");
};

export class ReactiveMap extends Map<unknown, unknown> {
  readonly #node: MapNode;

  constructor(node: MapNode) {
    super();
    Map.prototype.set.call(this, guard, undefined);
    this.#node = node;
  }

  override get size(): number {
    this.#node.trackStructure();
    return this.#node.map.size;
  }

  override get(key: unknown): unknown {
    const node = this.#node;
    const raw = unwrap(key);
    const value = node.map.get(raw);
    if (node.realm.isTracking) (node.values ??= new KeySignals()).track(raw, value);
    return node.wrap(value);
  }

  override has(key: unknown): boolean {
    const node = this.#node;
    const raw = unwrap(key);
    const present = node.map.has(raw);
    if (node.realm.isTracking) (node.presence ??= new KeySignals()).track(raw, present);
    return present;
  }

  override set(key: unknown, value: unknown): this {
    const node = this.#node;
    const at = adopt(key, node.realm);
    const raw = adopt(value, node.realm);
    const had = node.map.has(at);
    const old = node.map.get(at);
    if (had && Object.is(old, raw)) return this;
    node.check(at, at);
    node.check(raw, at);
    node.map.set(at, raw);
    if (!had && isObject(at)) node.changed(at, undefined, at);
    node.changed(at, old, raw);
    batch(() => {
      node.values?.trigger(at, raw);
      if (!had) node.presence?.trigger(at, true);
      node.triggerStructure();
    });
    return this;
  }

  override delete(key: unknown): boolean {
    const node = this.#node;
    const at = unwrap(key);
    const old = node.map.get(at);
    if (!node.map.delete(at)) return false;
    if (isObject(at)) node.changed(at, at, undefined);
    node.changed(at, old, undefined);
    batch(() => {
      node.values?.trigger(at, undefined);
      node.presence?.trigger(at, false);
      node.triggerStructure();
    });
    return true;
  }

  override clear(): void {
    const node = this.#node;
    if (node.map.size === 0) return;
    const before = [...node.map];
    node.map.clear();
    for (const [key, value] of before) {
      if (isObject(key)) node.changed(key, key, undefined);
      node.changed(key, value, undefined);
    }
    batch(() => {
      node.values?.refresh(() => undefined);
      node.presence?.refresh(() => false);
      node.triggerStructure();
    });
  }

  override forEach(
    visit: (value: unknown, key: unknown, map: Map<unknown, unknown>) => void,
    thisArg?: unknown,
  ): void {
    const node = this.#node;
    node.trackStructure();
    for (const [key, value] of node.map) visit.call(thisArg, node.wrap(value), node.wrap(key), this);
  }

  override keys(): MapIterator<unknown> {
    const node = this.#node;
    node.trackStructure();
    return node.map.keys().map((key) => node.wrap(key)) as MapIterator<unknown>;
  }

  override values(): MapIterator<unknown> {
    const node = this.#node;
    node.trackStructure();
    return node.map.values().map((value) => node.wrap(value)) as MapIterator<unknown>;
  }

  override entries(): MapIterator<[unknown, unknown]> {
    const node = this.#node;
    node.trackStructure();
    return node.map
      .entries()
      .map(([key, value]): [unknown, unknown] => [node.wrap(key), node.wrap(value)]) as MapIterator<
      [unknown, unknown]
    >;
  }

  override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
    return this.entries();
  }
}

Object.defineProperty(ReactiveMap.prototype, "constructor", {
  value: Map,
  configurable: true,
  writable: true,
});
