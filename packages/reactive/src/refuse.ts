import type { Claim } from "./claim.js";
import { isCloneable, toPosition } from "./kinds.js";
import { stampedNode } from "./stamp.js";

/** May throw: `value`, which is to stand at `path`, is something that no structured clone keeps. */
export type Refuse = (value: unknown, path: readonly unknown[]) => void;

/** Whether `value` stands below `root` already. */
function isBelow(value: object, root: Claim): boolean {
  const node = stampedNode(value) as { readonly claim: Claim | undefined } | undefined;
  for (const above of node?.claim?.upward() ?? []) if (above === root) return true;
  return false;
}

/** Throws if a tracker of `claim` or anything above refuses `value`, which is to stand at `key`. */
export function refuseAbove(claim: Claim, value: unknown, key: unknown): void {
  for (const above of claim.upward()) {
    for (const { refuse, isShallow, only } of above.trackers ?? []) {
      if (refuse === undefined) continue;
      // What is below that tracker already was looked at when it came, unless it came to keys that are not the tracker's.
      const looksOnce = !isShallow && (only === undefined || above.scope !== undefined);
      const isKnown = (found: object) => looksOnce && isBelow(found, above);
      // The path is looked for when there is something to refuse, as that takes a look at everything on the way.
      const refuseAt: Refuse = (found, path) => {
        const way = [...pathBetween(claim, above), ...path];
        if (only?.has(way[0]) !== false) refuse(found, way);
      };
      refuseWithin(value, [key], refuseAt, new Set(), isKnown);
    }
  }
}

/** One path from `above` down to `claim`. */
function pathBetween(claim: Claim, above: Claim): unknown[] {
  const from = new Map<Claim, unknown[]>([[claim, []]]);
  for (const [below, path] of from) {
    if (below === above) return path;
    for (const parent of below.parentsNow()) {
      if (from.has(parent)) continue;
      let at = below.hint;
      parent.eachChild((child, key) => {
        if (child === below.raw) at = key;
      });
      from.set(parent, [at, ...path]);
    }
  }
  return [];
}

/** A structured clone of what is nested much deeper fails, as this would: the call stack is too short. */
const MAX_DEPTH = 2000;

/** Calls `refuse` with each thing in `value`, but in what `isKnown`, that no structured clone keeps, and its path; of an object with `only` these keys. */
export function refuseWithin(
  value: unknown,
  path: readonly unknown[],
  refuse: Refuse,
  seen: Set<unknown>,
  isKnown?: (value: object) => boolean,
  only?: Iterable<PropertyKey>,
): void {
  if (!isCloneable(value) || path.length > MAX_DEPTH) {
    refuse(value, path);
    return;
  }
  if (typeof value !== "object" || value === null || seen.has(value) || isKnown?.(value) === true) return;
  seen.add(value);
  if (value instanceof Map) {
    for (const [key, entry] of value) {
      refuseWithin(key, [...path, key], refuse, seen, isKnown);
      refuseWithin(entry, [...path, key], refuse, seen, isKnown);
    }
  } else if (value instanceof Set) {
    for (const member of value) refuseWithin(member, [...path, member], refuse, seen, isKnown);
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of only ?? Object.keys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor === undefined || !("value" in descriptor)) continue;
      const at = Array.isArray(value) ? toPosition(key) : key;
      refuseWithin(descriptor.value, [...path, at], refuse, seen, isKnown);
    }
  }
}
