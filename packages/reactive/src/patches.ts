import { createLike, fillCopy } from "./content.js";
import { isObject, kindOf } from "./kinds.js";
import { unwrap } from "./node.js";

/**
 * The way from a root to a place: a property's name, an array's index, a Map's key or a Set's member for each step,
 * told apart by what stands there.
 */
export type Path = readonly unknown[];

/**
 * One change, in terms of the place where it happened.
 *
 * - `set`: what stands at `path` (a property, an index, a Map's key) becomes `value`.
 * - `delete`: what stands at `path` (a property, an index that becomes a hole, a Map's key, a Set's member) goes.
 * - `splice`: in the array at `path`, `remove` items at `index` give way to `insert`.
 * - `add`: the Set at `path` gets the member `value`.
 * - `clear`: the Map or Set at `path` becomes empty.
 */
export type Patch =
  | { readonly op: "set"; readonly path: Path; readonly value: unknown }
  | { readonly op: "delete"; readonly path: Path }
  | {
      readonly op: "splice";
      readonly path: Path;
      readonly index: number;
      readonly remove: number;
      readonly insert: readonly unknown[];
    }
  | { readonly op: "add"; readonly path: Path; readonly value: unknown }
  | { readonly op: "clear"; readonly path: Path };

const describePath = (path: Path) =>
  Array.isArray(path) ? `[${path.map(String).join(", ")}]` : String(path);

function fail(patch: Patch, found: string): never {
  throw new TypeError(
    `[reactive] the patch "${patch.op}" at ${describePath(patch.path)} doesn't fit: ${found}; ` +
      "apply patches in order, to a copy of what they start from",
  );
}

/** Properties are followed only where they are the object's own: a path may come from outside, and must not reach a prototype. */
function step(owner: unknown, key: unknown, patch: Patch): unknown {
  if (owner instanceof Map && owner.has(key)) return owner.get(key);
  if (owner instanceof Set && owner.has(key)) return key;
  if (typeof owner === "object" && owner !== null && Object.hasOwn(owner, key as PropertyKey)) {
    return (owner as Record<PropertyKey, unknown>)[key as PropertyKey];
  }
  return fail(patch, `there is no ${String(key)}`);
}

function setProperty(owner: object, key: unknown, value: unknown, patch: Patch): void {
  const at = key as PropertyKey;
  // An assignment to a name that only the prototype has could run its setter: `__proto__` is one.
  if (Object.hasOwn(owner, at) || !(at in owner)) {
    if (!Reflect.set(owner, at, value)) fail(patch, `${String(key)} is read-only`);
  } else {
    Object.defineProperty(owner, at, { value, configurable: true, enumerable: true, writable: true });
  }
}

/** A patch may come from outside, and the language would make do with almost any number. */
function check(found: unknown, max: number, what: string, patch: Patch): void {
  if (Number.isInteger(found) && (found as number) >= 0 && (found as number) <= max) return;
  fail(patch, `${what} is ${String(found)}, and must be a whole number from 0 to ${max}`);
}

const MAX_INDEX = 2 ** 32 - 2;

function checkItem(list: readonly unknown[], key: unknown, patch: Patch): void {
  if (typeof key === "number") check(key, MAX_INDEX, "the index", patch);
  else if (key === "length" && patch.op === "set") check(patch.value, list.length, "the length", patch);
}

function applySplice(list: unknown[], patch: Patch & { op: "splice" }): void {
  const { index, remove, insert } = patch;
  check(index, list.length, "the index", patch);
  check(remove, list.length - index, "the number to remove", patch);
  if (!Array.isArray(insert)) fail(patch, "what to insert is no list");
  // Splicing walks over every hole.
  if (insert.length === 0 && index + remove === list.length) list.length = index;
  else list.splice(index, remove, ...insert.map((value) => copyOf(value)));
}

function applyPatch(target: object, patch: Patch): void {
  const { op } = patch;
  // What is no operation, too: it is told of below.
  const isInPlace = op !== "splice" && op !== "add" && op !== "clear";
  if (!Array.isArray(patch.path)) fail(patch, "its path is no list");
  const way = isInPlace ? patch.path.slice(0, -1) : patch.path;
  let owner: unknown = target;
  for (const key of way) owner = step(owner, key, patch);
  if (typeof owner !== "object" || owner === null) fail(patch, `there is ${String(owner)}`);
  if (isInPlace && patch.path.length === 0) fail(patch, "its path is empty");
  const last = patch.path.at(-1);
  switch (patch.op) {
    case "set":
      if (Array.isArray(owner)) checkItem(owner, last, patch);
      if (owner instanceof Map) owner.set(last, copyOf(patch.value));
      else if (owner instanceof Set) fail(patch, "there is a Set");
      else setProperty(owner, last, copyOf(patch.value), patch);
      return;
    case "delete":
      if (owner instanceof Map || owner instanceof Set) owner.delete(last);
      else if (!Reflect.deleteProperty(owner, last as PropertyKey))
        fail(patch, `${String(last)} can't be deleted`);
      return;
    case "splice":
      if (!Array.isArray(owner)) fail(patch, "there is no array");
      else applySplice(owner, patch);
      return;
    case "add":
      if (!(owner instanceof Set)) fail(patch, "there is no Set");
      else owner.add(copyOf(patch.value));
      return;
    case "clear":
      if (!(owner instanceof Map || owner instanceof Set)) fail(patch, "there is no Map or Set");
      else owner.clear();
      return;
    default:
      fail(patch, "there is no such op");
  }
}

/**
 * A copy that shares nothing with `root`, so that a later patch can change what an earlier one put there. Nothing inside is shared,
 * either, since every place has patches of its own; only cycles stay what they are. The call stack would be too short for some values.
 */
function copyOf(root: unknown): unknown {
  /** The copies of what the value that is copied now stands in. */
  const above = new Map<object, object>();
  const pending: (() => void)[] = [];
  const copy = (value: unknown): unknown => {
    if (!isObject(value)) return value;
    const raw: object = unwrap(value);
    const known = above.get(raw);
    if (known !== undefined) return known;
    if (raw instanceof Date) return new Date(raw.getTime());
    const isContainer = raw instanceof Map || raw instanceof Set || Array.isArray(raw);
    if (!isContainer && kindOf(raw) !== "object") return copyOpaque(raw);
    const made = raw instanceof Map ? new Map() : raw instanceof Set ? new Set() : createLike(raw);
    pending.push(() => {
      above.set(raw, made);
      // Below what is pushed next, so that it runs after all that.
      pending.push(() => above.delete(raw));
      fillCopy(made, raw, copy);
    });
    return made;
  };
  const result = copy(root);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) next();
  return result;
}

/** A web API, that not every platform has and that the language's own types don't know. */
const platform = globalThis as { structuredClone?: <T>(value: T) => T };

/** What no structured clone copies stays one with the patch's. */
function copyOpaque(raw: object): object {
  try {
    return platform.structuredClone?.(raw) ?? raw;
  } catch {
    return raw;
  }
}

/**
 * Applies `patches` in order to `target`, which may be plain or a proxy, and returns it.
 *
 * Values are copied, so that one patch can be applied to several targets. Paths reach own properties only. Throws a TypeError at the first patch that doesn't fit; those before it stay applied.
 *
 * ```ts
 * applyPatches({ list: [1, 2] }, [{ op: "splice", path: ["list"], index: 0, remove: 1, insert: [] }]); // { list: [2] }
 * ```
 */
export function applyPatches<T extends object>(target: T, patches: readonly Patch[]): T {
  for (const patch of patches) applyPatch(target, patch);
  return target;
}
