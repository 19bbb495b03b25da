import { ABSENT } from "./cells.js";
import { createLike, fillCopy } from "./content.js";
import { ArrayNode, differs } from "./handlers/array.js";
import { OpaqueNode } from "./handlers/opaque.js";
import { isMutator } from "./handlers/readonly.js";
import { isObject } from "./kinds.js";
import type { Node } from "./node.js";
import { type DeepReadonly, nodeOf } from "./reactive.js";
import { running } from "./running.js";

/** The latest snapshot of each node that has one. */
const snapshots = new WeakMap<Node, object>();
/** Snapshots of arrays that have nothing but items, which are copied and compared ten times faster. */
const plainLists = new WeakSet();

function refuse(): never {
  throw new TypeError("[reactive] a snapshot can't be changed; change the state it was taken from");
}

class SnapshotMap extends Map<unknown, unknown> {}
class SnapshotSet extends Set<unknown> {}
class SnapshotDate extends Date {}

for (const fixed of [SnapshotMap, SnapshotSet, SnapshotDate]) {
  const native = Object.getPrototypeOf(fixed) as typeof fixed;
  for (const name of Object.getOwnPropertyNames(native.prototype)) {
    if (!isMutator(name)) continue;
    Object.defineProperty(fixed.prototype, name, { value: refuse, configurable: true, writable: true });
  }
  fixed.prototype.constructor = native;
}

/** All there is in a container, one after the other, with `present` of each value: equal lists, equal content. */
function contentOf(value: object, present: (value: unknown) => unknown): unknown[] {
  if (value instanceof Date) return [value.getTime()];
  if (value instanceof Map) return [...value.keys(), ...value.values()].map(present);
  if (value instanceof Set) return [...value].map(present);
  return Reflect.ownKeys(value).flatMap((key) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    return [key, descriptor?.enumerable, descriptor?.get ?? present(descriptor?.value)];
  });
}

function createEmpty(raw: object): object {
  if (raw instanceof Date) return new SnapshotDate(raw.getTime());
  if (raw instanceof Map) return new SnapshotMap();
  if (raw instanceof Set) return new SnapshotSet();
  return createLike(raw);
}

function fill(copy: object, node: Node, present: (value: unknown) => unknown): void {
  const { raw } = node;
  if (node instanceof ArrayNode && node.isPlainList) {
    const list = copy as unknown[];
    list.length = node.list.length;
    node.list.forEach((item, index) => {
      list[index] = present(item);
    });
    plainLists.add(copy);
  } else fillCopy(copy, raw, present);
  Object.freeze(copy);
}

function hasChanged(node: Node, copy: object, present: (value: unknown) => unknown): boolean {
  if (node instanceof ArrayNode && node.isPlainList && plainLists.has(copy))
    return differs(node.list.map(present), copy as unknown[]);
  return differs(contentOf(node.raw, present), contentOf(copy, asItIs));
}

const asItIs = (value: unknown) => value;

/** The latest copy of a node; in a large tree it is looked for in the claims first, which takes a fifth of the time. */
const copyOf = (node: Node) => node.claim?.snapshot ?? snapshots.get(node);

const isOpaque = (node: Node) => node instanceof OpaqueNode;

/**
 * Takes the snapshots that are missing or out of date below `root`: those whose content changed, and, as they hold the new
 * copies, all above these. Cycles need no care of their own, since all empty copies are there before the first is filled.
 */
function update(root: Node): void {
  const holders = new Map<Node, Node[]>([[root, []]]);
  const stale = new Set<Node>();
  const known = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const node = root.nodeOf(value);
    return isOpaque(node) ? value : (copyOf(node) ?? ABSENT);
  };
  for (const node of holders.keys()) {
    node.eachChild((value) => {
      const child = node.nodeOf(value);
      // Below what is up to date, all is.
      if (isOpaque(child) || child.claim?.snapshot !== undefined) return;
      const list = holders.get(child);
      if (list === undefined) holders.set(child, [node]);
      else list.push(node);
    });
    const copy = snapshots.get(node);
    if (copy === undefined || hasChanged(node, copy, known)) stale.add(node);
  }
  for (const node of stale) for (const holder of holders.get(node) ?? []) stale.add(holder);
  for (const node of stale) {
    const last = snapshots.get(node);
    if (last !== undefined)
      running.transaction?.onRollback(() => {
        snapshots.set(node, last);
        node.claim?.unsnap();
      });
    snapshots.set(node, createEmpty(node.raw));
  }
  for (const node of stale) fill(snapshots.get(node) as object, node, known);
  for (const node of holders.keys()) {
    const { claim } = node;
    if (claim === undefined || claim.scope !== undefined) continue;
    claim.snapshot = snapshots.get(node);
    claim.makeLoud();
  }
}

/** The frozen copy of a raw value. */
export function snapshotOf(node: Node): object {
  if (isOpaque(node)) return node.raw;
  if (node.claim?.snapshot === undefined) update(node);
  return copyOf(node) ?? node.raw;
}

/**
 * Returns a deeply frozen plain copy of the tree below `root`, which later changes don't reach.
 *
 * What did not change since the last snapshot is the same object in both; without any change the whole snapshot is. Map, Set and Date are copies
 * whose mutators throw; opaque values (typed arrays, Error...) are shared with the state. Reading is not followed. Takes O(1) while a
 * tracker or watcher follows the unchanged tree, else time for the size of the tree.
 */
export function snapshot<T extends object>(root: T): DeepReadonly<T> {
  return snapshotOf(nodeOf(root, "snapshot")) as DeepReadonly<T>;
}
