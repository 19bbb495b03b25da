import { batch, signal, type Signal } from "@preact/signals-core";
import { hasRead, isConsumed } from "./active-consumer.js";
import { attach, type Claim, type Claimable, detach, mark } from "./claim.js";
import { isCloneable } from "./kinds.js";

/** The node of each raw object that was handed out or claimed; what is opaque has one, too. */
export const nodes = new WeakMap<object, Node>();
/** The node of each proxy and facade. */
export const views = new WeakMap<object, Node>();

/** Stands in a property's signal for "there is no such property", which differs from "it is undefined". */
export const ABSENT = Symbol("absent");
const NEGATIVE_ZERO = Symbol("-0");

/** Signals compare with ===; this makes that comparison as exact as Object.is (NaN never gets here unchanged). */
const exact = (value: unknown): unknown => (Object.is(value, -0) ? NEGATIVE_ZERO : value);

/** What the nodes of one tree share. */
export class Realm {
  /** Read to learn whether a consumer runs; one a root, as it holds the consumers that were never disposed. */
  readonly probe = signal(0);

  constructor(readonly create: (raw: object, realm: Realm) => Node) {}

  /** The node of a raw object, made when it is asked for first. */
  node(raw: object): Node {
    return nodes.get(raw) ?? this.create(raw, this);
  }

  get isTracking(): boolean {
    return isConsumed(this.probe);
  }
}

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The raw object behind a proxy; anything else as it is. */
export function unwrap<T>(value: T): T {
  return isObject(value) ? ((views.get(value)?.raw as T | undefined) ?? value) : value;
}

/**
 * The value as it may stand in a raw tree: proxies replaced by what is behind them, at any depth.
 * Objects that have a node were adopted before.
 */
export function adopt<T>(value: T, realm: Realm): T {
  if (!isObject(value)) return value;
  const raw = unwrap(value);
  if (raw !== value || nodes.has(raw)) return raw;
  const seen = new Set<object>([raw]);
  for (const owner of seen) {
    if (nodes.has(owner) && owner !== raw) continue;
    const node = realm.node(owner);
    node.eachChild((child, key) => {
      const inner = unwrap(child);
      if (inner === child) seen.add(child);
      else node.replaceChild(key, inner);
    });
  }
  return raw;
}

export abstract class Node implements Claimable {
  claim: Claim | undefined = undefined;
  /** Moves when the keys, their order or, in arrays and collections, any entry changes. */
  structure: Signal<number> | undefined = undefined;
  /** What the outside holds in the place of `raw`. */
  view: object | undefined = undefined;

  constructor(
    readonly raw: object,
    readonly realm: Realm,
  ) {
    nodes.set(raw, this);
  }

  protected abstract open(): object;
  abstract eachChild(visit: (value: object, key: unknown) => void): void;
  /** Puts the raw object `value` where a proxy stood. */
  abstract replaceChild(key: unknown, value: object): void;

  nodeOf(value: object): Node {
    return this.realm.node(value);
  }

  getView(): object {
    if (this.view === undefined) {
      this.view = this.open();
      if (this.view !== this.raw) views.set(this.view, this);
    }
    return this.view;
  }

  /** What a reader gets for a value of the raw tree. */
  wrap<T>(value: T): T {
    return (isObject(value) ? this.realm.node(unwrap(value)).getView() : value) as T;
  }

  trackStructure(): void {
    if (this.structure !== undefined || this.realm.isTracking) void (this.structure ??= signal(0)).value;
  }

  /** Whether the running consumer follows the structure, and so needs no signal for the presence of one key. */
  get followsStructure(): boolean {
    return this.realm.isTracking && hasRead(this.structure, this.realm.probe);
  }

  triggerStructure(): void {
    if (this.structure !== undefined) this.structure.value = this.structure.peek() + 1;
  }

  /** Throws, before anything is changed, if a holder of the tree refuses the value. */
  check(value: unknown, key: unknown): void {
    if (this.claim === undefined || (!isObject(value) && isCloneable(value))) return;
    refuseAbove(this.claim, value, key);
  }

  /** Tells those who hold the tree that `value` stands at `key` where `old` stood. */
  changed(key: unknown, old: unknown, value: unknown): void {
    const claim = this.claim;
    if (claim === undefined) return;
    if (old !== value && claim.isDeep) {
      if (isObject(value)) attach(claim, value, key);
      if (isObject(old)) detach(claim, old);
    }
    (claim.changedKeys ??= new Set()).add(key);
    mark(claim);
  }
}

/** The signals of single keys: of their values, and of their presence. */
export class KeySignals {
  readonly #signals = new Map<unknown, Signal<unknown>>();

  track(key: unknown, value: unknown): void {
    let found = this.#signals.get(key);
    if (found === undefined) this.#signals.set(key, (found = signal(exact(value))));
    void found.value;
  }

  trigger(key: unknown, value: unknown): void {
    const found = this.#signals.get(key);
    if (found !== undefined) found.value = exact(value);
  }

  /** Brings every signal up to date with what `read` finds now. */
  refresh(read: (key: unknown) => unknown): void {
    batch(() => {
      for (const [key, found] of this.#signals) found.value = exact(read(key));
    });
  }
}

function refuseAbove(claim: Claim, value: unknown, key: unknown): void {
  const seen = new Set([claim]);
  for (const above of seen) {
    for (const holder of above.holders ?? []) {
      if (holder.refuse !== undefined) {
        const path = pathBetween(claim, above);
        refuseWithin(value, [...path, key], holder.refuse, new Set());
      }
    }
    above.eachParent((parent) => seen.add(parent));
  }
}

/** One path from `above` down to `claim`. */
function pathBetween(claim: Claim, above: Claim): unknown[] {
  const from = new Map<Claim, unknown[]>([[claim, []]]);
  for (const [below, path] of from) {
    if (below === above) return path;
    below.eachParent((parent) => {
      if (from.has(parent)) return;
      let at: unknown = below.hint;
      parent.node.eachChild((child, key) => {
        if (child === below.node.raw) at = key;
      });
      from.set(parent, [at, ...path]);
    });
  }
  return [];
}

/** Calls `refuse` with the first thing in `value` that no structured clone keeps, and its path. */
export function refuseWithin(
  value: unknown,
  path: readonly unknown[],
  refuse: (value: unknown, path: readonly unknown[]) => void,
  seen: Set<unknown>,
): void {
  if (!isCloneable(value)) {
    refuse(value, path);
    return;
  }
  if (!isObject(value) || seen.has(value)) return;
  seen.add(value);
  const inner = unwrap(value);
  if (inner instanceof Map) {
    for (const [key, entry] of inner) {
      refuseWithin(key, [...path, key], refuse, seen);
      refuseWithin(entry, [...path, key], refuse, seen);
    }
  } else if (inner instanceof Set) {
    for (const member of inner) refuseWithin(member, [...path, member], refuse, seen);
  } else if (!ArrayBuffer.isView(inner)) {
    for (const key of Object.keys(inner)) {
      const descriptor = Object.getOwnPropertyDescriptor(inner, key);
      if (descriptor !== undefined && "value" in descriptor) {
        refuseWithin(descriptor.value, [...path, key], refuse, seen);
      }
    }
  }
}
