import type { Claim } from "./claim.js";
import { isCloneable, isObject, toPosition } from "./kinds.js";

/** May throw: `value`, which is to stand at `path`, is something that no structured clone keeps. */
export type Refuse = (value: unknown, path: readonly unknown[]) => void;

/** A step of a way, and the one before; the call stack is too short for some ways. */
interface Step {
  readonly key: unknown;
  readonly last: Step | undefined;
}

function keysOf(step: Step | undefined): unknown[] {
  const keys: unknown[] = [];
  for (let at = step; at !== undefined; at = at.last) keys.push(at.key);
  return keys;
}

/** Throws if a tracker of `claim` or anything above refuses `value`, which is to stand at `key`; `known` is the claim it has already. */
export function refuseAbove(claim: Claim, value: unknown, key: unknown, known: Claim | undefined): void {
  for (const above of claim.upward()) {
    for (const { refuse, isShallow } of above.trackers ?? []) {
      // What is below that tracker already was looked at when it came.
      if (refuse === undefined || (known !== undefined && !isShallow && known.upward().has(above))) continue;
      // The path is looked for when there is something to refuse, as that takes a look at everything on the way.
      refuseWithin(value, (found, path) => refuse(found, [...pathBetween(claim, above), key, ...path]));
    }
  }
}

/** One path from `above` down to `claim`. */
function pathBetween(claim: Claim, above: Claim): unknown[] {
  const ways = new Map<Claim, Step | undefined>([[claim, undefined]]);
  for (const [below, last] of ways) {
    if (below === above) return keysOf(last);
    below.eachParent((parent) => {
      if (ways.has(parent)) return;
      let key = below.hint;
      parent.node.eachChild((child, at) => {
        if (child === below.raw) key = at;
      });
      ways.set(parent, { key, last });
    });
  }
  return [];
}

/** Calls `refuse` with each thing in `root` that no structured clone keeps, and its path. */
export function refuseWithin(root: unknown, refuse: Refuse): void {
  const ways = new Map<unknown, Step | undefined>([[root, undefined]]);
  for (const [value, last] of ways) {
    const visit = (inner: unknown, key: unknown) => {
      if ((isObject(inner) || !isCloneable(inner)) && !ways.has(inner)) ways.set(inner, { key, last });
    };
    if (!isCloneable(value)) refuse(value, keysOf(last).toReversed());
    else if (value instanceof Map) {
      for (const [key, entry] of value) {
        visit(key, key);
        visit(entry, key);
      }
    } else if (value instanceof Set) for (const member of value) visit(member, member);
    else if (isObject(value) && !ArrayBuffer.isView(value)) {
      for (const key of Object.keys(value)) {
        const inner: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
        visit(inner, Array.isArray(value) ? toPosition(key) : key);
      }
    }
  }
}
