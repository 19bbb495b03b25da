import { isConsumed } from "../active-consumer.js";
import { ABSENT } from "../cells.js";
import { isObject } from "../kinds.js";
import { adoptAny, knownNode, NODE, type Node, nodeBehind, unwrap } from "../node.js";
import { running } from "../running.js";
import { CollectionNode } from "./collection.js";
import { dress, EntryIterator, GUARD, ItemIterator } from "./facade.js";

/** The node of a Set. */
export class SetNode extends CollectionNode<Set<unknown>> {
  protected override open(): object {
    this.unproxy();
    return dress(new ReactiveSet(this), this.raw);
  }

  /** `has`, for the consumer that runs now. */
  hasFollowed(member: unknown): boolean {
    const raw = unwrap(member);
    const isPresent = this.entries.has(raw);
    this.followPresence(raw, isPresent);
    return isPresent;
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    for (const member of this.entries) if (isObject(member)) visit(member, member);
  }

  override replaceChild(_key: unknown, proxy: object, value: object): void {
    const members = [...this.entries];
    this.entries.clear();
    for (const member of members) this.entries.add(member === proxy ? value : member);
  }

  protected override valueAt(member: unknown): unknown {
    return this.entries.has(member);
  }
}

export class ReactiveSet extends Set<unknown> {
  readonly #node: SetNode;
  /** What the node has, too: a load less at every look-up. */
  readonly #members: Set<unknown>;

  constructor(node: SetNode) {
    super();
    Set.prototype.add.call(this, GUARD);
    this.#node = node;
    this.#members = node.entries;
  }

  get [NODE](): Node | undefined {
    return #node in this ? this.#node : undefined;
  }

  override get size(): number {
    const node = this.#node;
    node.trackStructure();
    return (node.raw as Set<unknown>).size;
  }

  override has(member: unknown): boolean {
    if (isConsumed()) return this.#node.hasFollowed(member);
    // What is there is raw; only what isn't found may be a proxy.
    return this.#members.has(member) || (typeof member === "object" && this.#members.has(unwrap(member)));
  }

  override add(member: unknown): this {
    const node = this.#node;
    const set = node.raw as Set<unknown>;
    const raw = adoptAny(member);
    if (set.has(raw)) return this;
    if (node.claim !== undefined || running.transaction !== undefined) node.beforeWrite(raw, raw);
    set.add(raw);
    node.wrote(raw, ABSENT, raw);
    return this;
  }

  override delete(member: unknown): boolean {
    const node = this.#node;
    const raw = unwrap(member);
    if (!node.entries.has(raw)) return false;
    node.beforeWrite(undefined, raw);
    node.entries.delete(raw);
    node.wrote(raw, raw, ABSENT);
    return true;
  }

  override clear(): void {
    const node = this.#node;
    const before = [...node.entries];
    node.clear(before, before);
  }

  override forEach(
    visit: (value: unknown, key: unknown, set: Set<unknown>) => void,
    thisArg?: unknown,
  ): void {
    const node = this.#node;
    node.trackStructure();
    // oxlint-disable-next-line unicorn/no-array-for-each -- it is what is asked for: members added meanwhile are visited, too
    node.entries.forEach((raw) => {
      const member = node.wrap(raw);
      visit.call(thisArg, member, member, this);
    });
  }

  override values(): SetIterator<unknown> {
    const node = this.#node;
    node.trackStructure();
    return new ItemIterator(node.entries.values(), node) as never;
  }

  override entries(): SetIterator<[unknown, unknown]> {
    const node = this.#node;
    node.trackStructure();
    return new EntryIterator(node.entries.entries(), node) as never;
  }
}

ReactiveSet.prototype.constructor = Set;
ReactiveSet.prototype[Symbol.iterator] = ReactiveSet.prototype.values;
// One function, as in the language, and none that for..in would list.
Object.defineProperty(ReactiveSet.prototype, "keys", {
  value: ReactiveSet.prototype.values,
  configurable: true,
  writable: true,
});

interface SetLike {
  readonly size: number;
  has?(member: unknown): unknown;
  keys?(): Iterator<unknown>;
}

/** `other` as a set of raw members, so that an object and its proxy are one member. */
function rawSetLike(node: SetNode, other: unknown): unknown {
  if (!isObject(other)) return other;
  const behind = nodeBehind(other);
  if (behind !== undefined && (behind.raw instanceof Set || behind.raw instanceof Map)) {
    behind.trackStructure();
    return behind.raw;
  }
  // Asked for once, and refused by the language if they can't be called.
  const { size, has, keys } = other as SetLike;
  return {
    size,
    has:
      has?.call &&
      ((member: unknown) =>
        has.call(other, member) || (isObject(member) && has.call(other, node.wrap(member)))),
    keys: keys?.call && (() => Iterator.from(keys.call(other)).map(unwrap)),
  };
}

// The language's own methods would read the facade's hidden member.
for (const name of Object.getOwnPropertyNames(Set.prototype)) {
  if (!/^(union|intersection|.*ifference|is.+(Of|From))$/.test(name)) continue;
  const native = Reflect.get(Set.prototype, name) as (this: Set<unknown>, other: unknown) => unknown;
  Object.defineProperty(ReactiveSet.prototype, name, {
    configurable: true,
    writable: true,
    value(this: ReactiveSet, other: unknown): unknown {
      const node = this[NODE] as SetNode;
      node.trackStructure();
      const result: unknown = native.call(node.entries, rawSetLike(node, other));
      if (!(result instanceof Set)) return result;
      const present = (member: unknown) =>
        isObject(member) && (node.entries.has(member) || knownNode(member) !== undefined)
          ? node.wrap(member)
          : member;
      return new Set([...result].map(present));
    },
  });
}
