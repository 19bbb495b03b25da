import { batch } from "@preact/signals-core";
import { adopt, isObject, KeySignals, Node, unwrap } from "../node.js";

/** Follows a Set: the presence of each member asked for, and its order by the structure. */
export class SetNode extends Node {
  presence: KeySignals | undefined = undefined;

  get set(): Set<unknown> {
    return this.raw as Set<unknown>;
  }

  protected override open(): object {
    return new ReactiveSet(this);
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    for (const member of this.set) if (isObject(member)) visit(member, member);
  }

  override replaceChild(): void {
    const members = [...this.set];
    this.set.clear();
    for (const member of members) this.set.add(unwrap(member));
  }
}

/** The facade's own member: a structured clone of it must fail, not lose what the raw Set holds. */
const guard = () => {
  throw new TypeError("[reactive] this is a reactive Map or Set; clone toRaw(value)");
};

export class ReactiveSet extends Set<unknown> {
  readonly #node: SetNode;

  constructor(node: SetNode) {
    super();
    Set.prototype.add.call(this, guard);
    this.#node = node;
  }

  override get size(): number {
    this.#node.trackStructure();
    return this.#node.set.size;
  }

  override has(member: unknown): boolean {
    const node = this.#node;
    const raw = unwrap(member);
    const present = node.set.has(raw);
    if (node.realm.isTracking) (node.presence ??= new KeySignals()).track(raw, present);
    return present;
  }

  override add(member: unknown): this {
    const node = this.#node;
    const raw = adopt(member, node.realm);
    if (node.set.has(raw)) return this;
    node.check(raw, raw);
    node.set.add(raw);
    node.changed(raw, undefined, raw);
    batch(() => {
      node.presence?.trigger(raw, true);
      node.triggerStructure();
    });
    return this;
  }

  override delete(member: unknown): boolean {
    const node = this.#node;
    const raw = unwrap(member);
    if (!node.set.delete(raw)) return false;
    node.changed(raw, raw, undefined);
    batch(() => {
      node.presence?.trigger(raw, false);
      node.triggerStructure();
    });
    return true;
  }

  override clear(): void {
    const node = this.#node;
    if (node.set.size === 0) return;
    const before = [...node.set];
    node.set.clear();
    for (const member of before) node.changed(member, member, undefined);
    batch(() => {
      node.presence?.refresh(() => false);
      node.triggerStructure();
    });
  }

  override forEach(
    visit: (value: unknown, key: unknown, set: Set<unknown>) => void,
    thisArg?: unknown,
  ): void {
    const node = this.#node;
    node.trackStructure();
    for (const raw of node.set) {
      const member = node.wrap(raw);
      visit.call(thisArg, member, member, this);
    }
  }

  override keys(): SetIterator<unknown> {
    return this.values();
  }

  override values(): SetIterator<unknown> {
    const node = this.#node;
    node.trackStructure();
    return node.set.values().map((member) => node.wrap(member)) as SetIterator<unknown>;
  }

  override entries(): SetIterator<[unknown, unknown]> {
    const node = this.#node;
    node.trackStructure();
    return node.set.values().map((raw): [unknown, unknown] => {
      const member = node.wrap(raw);
      return [member, member];
    }) as SetIterator<[unknown, unknown]>;
  }

  override [Symbol.iterator](): SetIterator<unknown> {
    return this.values();
  }
}

Object.defineProperty(ReactiveSet.prototype, "constructor", {
  value: Set,
  configurable: true,
  writable: true,
});

const setMethods = [
  "union",
  "intersection",
  "difference",
  "symmetricDifference",
  "isSubsetOf",
  "isSupersetOf",
  "isDisjointFrom",
] as const;

// The language's own methods read the facade's hidden entries; these see the members as they are handed out.
for (const name of setMethods) {
  const native = (Set.prototype as unknown as Record<string, unknown>)[name];
  if (typeof native !== "function") continue;
  Object.defineProperty(ReactiveSet.prototype, name, {
    configurable: true,
    writable: true,
    value(this: ReactiveSet, other: unknown): unknown {
      return native.call(new Set(this), other);
    },
  });
}
