import { ABSENT } from "./cells.js";
import { type Claim, claimOf, type Tracker } from "./claim.js";
import { isObject } from "./kinds.js";
import type { Patch } from "./patches.js";
import { ArrayRecord, KeyRecord } from "./record.js";

/** Whether `value` and all below it can be reached, and is tracked, in one way only, so that a copy of it is exact. */
function isExclusive(value: unknown): boolean {
  if (!isObject(value)) return true;
  const first = claimOf(value);
  if (first === undefined) return false;
  const pending = [first];
  for (let claim = pending.pop(); claim !== undefined; claim = pending.pop()) {
    if (claim.isShared) return false;
    claim.node.eachChild((child) => {
      const below = claimOf(child);
      if (below !== undefined) pending.push(below);
    });
  }
  return true;
}

/** The index of `value` in `list`, searched outwards from where it was seen last: splices move it a little. */
function findIndex(list: readonly unknown[], value: object, hint: number): number {
  const start = Math.min(hint, list.length);
  for (let distance = 0; distance <= list.length; distance++) {
    if (list[start + distance] === value) return start + distance;
    if (list[start - distance] === value) return start - distance;
  }
  return -1;
}

/** Where `child`, which stands at one place of `parent` at most, stands. ABSENT: nowhere a path can lead to. */
export function locate(parent: Claim, child: Claim): unknown {
  const { raw } = parent;
  const { raw: value, hint } = child;
  // Some stand at a name of an array.
  if (Array.isArray(raw) && typeof hint === "number") {
    if (raw[hint] === value) return hint;
    const index = findIndex(raw, value, hint);
    if (index >= 0) return (child.hint = index);
  }
  if (valueAt(parent, hint) === value) return hint;
  const keys = keysOf(parent, child);
  return keys.length > 0 ? (child.hint = keys[0]) : ABSENT;
}

function valueAt({ raw, node }: Claim, key: unknown): unknown {
  if (raw instanceof Map) return raw.get(key);
  // The key of a Map where it stood as well would be turned into a text.
  if (isObject(key)) return undefined;
  // An accessor, be it inherited, may answer with what stands elsewhere.
  return node.isBare && !Array.isArray(raw)
    ? (raw as Record<string, unknown>)[key as string]
    : Object.getOwnPropertyDescriptor(raw, key as string)?.value;
}

/** Every key of `parent` at which `child` stands; in a Set that is `child` itself. An object that is a Map's key stands nowhere. */
export function keysOf(parent: Claim, { raw }: Claim): unknown[] {
  const keys: unknown[] = [];
  parent.eachChild((object, key) => {
    if (object === raw && !(key === raw && parent.raw instanceof Map)) keys.push(key);
  });
  return keys;
}

/** A property that a structured clone takes along as it is. */
const isOrdinary = (descriptor: PropertyDescriptor | undefined) =>
  descriptor === undefined || (descriptor.enumerable === true && "value" in descriptor);

/** Whether a structured clone takes along what stands at `key`. */
export const isListed = ({ raw, node }: Claim, key: unknown) =>
  typeof key === "number" ||
  (typeof key === "string" && node.isBare && !Array.isArray(raw)) ||
  raw instanceof Map ||
  (typeof key !== "symbol" && isOrdinary(Object.getOwnPropertyDescriptor(raw, key as string)));

/** How long the way to a change may be; beyond that the whole key goes, as every step takes some of the call stack. */
const MAX_STEPS = 500;

/** The way to what is looked at now: the keys, of which no object is one. Nothing that is called meanwhile gathers. */
const way: unknown[] = [];

/** Gathers the patches below one place. Each method tells whether they say exactly what happened. */
class Gathering {
  patches: Patch[] | undefined = undefined;
  /** How many keys of the way are this one's. */
  #depth = 0;

  add(claim: Claim): boolean {
    if (claim.isPartlyTaken || this.#depth > MAX_STEPS) return false;
    const { raw, record } = claim;
    if (record === undefined) {
      // The buffer of a typed array is its child only to tell who shares it.
      const isValue = claim.dirtyChild === undefined || ArrayBuffer.isView(raw);
      return isValue ? this.#addWhole(claim) : this.#addBelow(claim, record);
    }
    if (record instanceof ArrayRecord) return this.#addArray(claim, record);
    if (raw instanceof Set) return this.#addMembers(claim, raw, record);
    if (raw instanceof Map) return this.#addEntries(raw, record) && this.#addBelow(claim, record);
    return this.#addProperties(claim, raw, record) && this.#addBelow(claim, record);
  }

  enter(key: unknown): void {
    way[this.#depth++] = key;
  }

  /** Most often there is one. */
  #tell(patch: Patch): void {
    if (this.patches === undefined) this.patches = [patch];
    else this.patches.push(patch);
  }

  #pathTo(key: unknown): unknown[] {
    const depth = this.#depth;
    // Written out, as most ways are short, and a call of the language's own takes longer.
    if (depth === 0) return [key];
    if (depth === 1) return [way[0], key];
    if (depth === 2) return [way[0], way[1], key];
    return [...this.#path(), key];
  }

  #path(): unknown[] {
    return way.slice(0, this.#depth);
  }

  /** Puts the whole container anew; not possible for the key's own value, which has no place of its own in a patch. */
  #addWhole(claim: Claim): boolean {
    if (this.#depth === 0 || !isExclusive(claim.raw)) return false;
    this.#tell({ op: "set", path: this.#path(), value: claim.raw });
    return true;
  }

  #addArray(claim: Claim, record: ArrayRecord): boolean {
    if (record.isWhole) return this.#addWhole(claim);
    const inserted = new Set<unknown>();
    const patches: Patch[] = [];
    for (const op of record.ops) {
      // A structured clone leaves symbols out.
      if (op.op !== "splice" && typeof op.key === "symbol") continue;
      const values = op.op === "set" ? [op.value] : op.op === "splice" ? op.insert : [];
      for (const value of values) {
        if (!isObject(value)) continue;
        // What went again meanwhile may have become anything since.
        if (claimOf(value)?.parent !== claim || !isExclusive(value)) {
          return this.#addWhole(claim);
        }
        inserted.add(value);
      }
      if (op.op === "splice") patches.push({ ...op, path: this.#path() });
      else if (op.op === "set") patches.push({ op: "set", path: this.#pathTo(op.key), value: op.value });
      else patches.push({ op: "delete", path: this.#pathTo(op.key) });
    }
    for (const patch of patches) this.#tell(patch);
    return this.#addBelow(claim, record, inserted);
  }

  #addProperties(claim: Claim, raw: object, record: KeyRecord): boolean {
    return record.every((key, base) => {
      // A structured clone leaves symbols out.
      if (typeof key === "symbol") return true;
      // What was not removed is there.
      if (claim.node.isBare && record.removed === undefined) {
        return this.#addKey(record, key, base, (raw as Record<string, unknown>)[key as string]);
      }
      const descriptor = Object.getOwnPropertyDescriptor(raw, key as string);
      if (!isOrdinary(descriptor)) return false;
      return this.#addKey(record, key, base, descriptor === undefined ? ABSENT : descriptor.value);
    });
  }

  #addEntries(map: Map<unknown, unknown>, record: KeyRecord): boolean {
    if (record.isCleared) this.#tell({ op: "clear", path: this.#path() });
    // A copy of an object is another key.
    return record.every(
      (key, base) => !isObject(key) && this.#addKey(record, key, base, map.has(key) ? map.get(key) : ABSENT),
    );
  }

  #addKey(record: KeyRecord, key: unknown, base: unknown, now: unknown): boolean {
    if (record.isReverted(key, base, now)) return true;
    if (base !== ABSENT && record.removed?.has(key) === true)
      this.#tell({ op: "delete", path: this.#pathTo(key) });
    if (now === ABSENT) return true;
    if (!isExclusive(now)) return false;
    this.#tell({ op: "set", path: this.#pathTo(key), value: now });
    return true;
  }

  #addMembers(claim: Claim, set: Set<unknown>, record: KeyRecord): boolean {
    // A copy of an object is another member, so a change inside one can't be told.
    if (claim.dirtyChild !== undefined) return false;
    if (record.isCleared) this.#tell({ op: "clear", path: this.#path() });
    return record.every((member, base) => {
      if (isObject(member)) return false;
      if (base !== ABSENT) this.#tell({ op: "delete", path: this.#pathTo(member) });
      if (set.has(member)) this.#tell({ op: "add", path: this.#path(), value: member });
      return true;
    });
  }

  #addBelow(
    claim: Claim,
    record: KeyRecord | ArrayRecord | undefined,
    inserted?: ReadonlySet<unknown>,
  ): boolean {
    const { dirtyChild, dirtyChildren } = claim;
    if (dirtyChild === undefined) return true;
    if (dirtyChildren === undefined) return this.#addChild(claim, dirtyChild.claim, record, inserted);
    for (const { claim: child } of dirtyChildren) {
      if (!this.#addChild(claim, child, record, inserted)) return false;
    }
    return true;
  }

  #addChild(
    claim: Claim,
    child: Claim | undefined,
    record: KeyRecord | ArrayRecord | undefined,
    inserted: ReadonlySet<unknown> | undefined,
  ): boolean {
    if (child?.isIn(claim) !== true) return true;
    const { raw } = child;
    const isAgain = record instanceof ArrayRecord && record.again?.has(raw) === true;
    if (inserted?.has(raw) === true && !isAgain) return true;
    const key = child.isShared ? ABSENT : locate(claim, child);
    if (key === ABSENT || isObject(key)) return false;
    if (!isListed(claim, key)) return true;
    if (record instanceof KeyRecord && record.has(key)) return true;
    this.enter(key);
    const isExact = isAgain ? this.#addWhole(child) : this.add(child);
    this.#depth--;
    return isExact;
  }
}

/** What happened below `claim` since it was clean, with paths that start there; null if patches can't tell it exactly. */
export function gather(first: Claim): Patch[] | null {
  if (first.isShared) return null;
  const gathering = new Gathering();
  let claim = first;
  // Most often there is one change, and a loop comes down to it in a third of the time that calls take.
  while (claim.record === undefined && claim.dirtyChildren === undefined && !claim.isPartlyTaken) {
    const child = claim.dirtyChild?.claim;
    if (child?.isIn(claim) !== true || child.isShared) break;
    const key = locate(claim, child);
    if (key === ABSENT || isObject(key) || !isListed(claim, key)) break;
    gathering.enter(key);
    claim = child;
  }
  return gathering.add(claim) ? (gathering.patches ?? []) : null;
}

/** Is given a top-level key that changed, with the claim below it whose inside did, if it wasn't assigned. */
type VisitKey = (key: unknown, child: Claim | null) => void;

/** Visits the top-level keys of the root `claim` that changed. */
export function eachDirtyKey(claim: Claim, visit: VisitKey): void {
  const { record, dirtyChild, dirtyChildren } = claim;
  const assigned = record instanceof KeyRecord ? record : undefined;
  if (assigned !== undefined) eachAssigned(claim.raw, assigned, visit);
  if (dirtyChildren !== undefined) {
    for (const { claim: child } of dirtyChildren) visitKeyOf(claim, child, assigned, visit);
  } else if (dirtyChild !== undefined) visitKeyOf(claim, dirtyChild.claim, assigned, visit);
}

function eachAssigned(raw: object, assigned: KeyRecord, visit: VisitKey): void {
  assigned.every((key, base) => {
    const now: unknown = Object.hasOwn(raw, key as PropertyKey)
      ? Reflect.get(raw, key as PropertyKey)
      : ABSENT;
    if (!assigned.isReverted(key, base, now) && !(base === ABSENT && now === ABSENT)) visit(key, null);
    return true;
  });
}

/** Visits where `child` stands in the root `claim`; what moved away since is marked where it is now. */
function visitKeyOf(
  claim: Claim,
  child: Claim | undefined,
  assigned: KeyRecord | undefined,
  visit: VisitKey,
): void {
  if (child?.isIn(claim) !== true) return;
  if (child.isShared) {
    for (const key of keysOf(claim, child)) if (assigned?.has(key) !== true) visit(key, child);
    return;
  }
  const key = locate(claim, child);
  if (key !== ABSENT && assigned?.has(key) !== true) visit(key, child);
}

/** Makes `root` and all below it clean, as `taker` has its changes, and tells the other trackers what was taken. */
export function clean(root: Claim, taker: Tracker): void {
  root.isPartlyTaken = false;
  // What has one parent was reached from that, unless it is the root.
  const shared = root.links > 0 ? new Set([root]) : undefined;
  for (const claim of cleanAll(root, taker, shared) ?? []) {
    claim.isPartlyTaken = false;
    for (const parent of claim.parentsNow()) if (parent.isDirty) claim.isPartlyTaken = true;
  }
}

/** Returns `shared`, with what has several parents, and is come to from each. */
function cleanAll(first: Claim, taker: Tracker, shared: Set<Claim> | undefined): Set<Claim> | undefined {
  let pending: Claim[] | undefined;
  for (let next: Claim | undefined = first; next !== undefined; next = pending?.pop()) {
    for (let claim: Claim | undefined = next; claim !== undefined;) {
      if (claim.trackers !== undefined) tellTaken(claim, claim.trackers, taker);
      if (claim.parents !== undefined) (shared ??= new Set()).add(claim);
      const { dirtyChild, dirtyChildren }: Claim = claim;
      claim.isDirty = false;
      claim.record = undefined;
      claim.dirtyChild = undefined;
      claim.dirtyChildren = undefined;
      claim.makeLoud();
      if (dirtyChildren !== undefined) {
        for (const { claim: below } of dirtyChildren)
          if (below?.isIn(claim) === true) (pending ??= []).push(below);
        break;
      }
      const below: Claim | undefined = dirtyChild?.claim;
      // What moved away since is marked where it is now.
      claim = below?.isIn(claim) === true ? below : undefined;
    }
  }
  return shared;
}

function tellTaken(claim: Claim, trackers: readonly Tracker[], taker: Tracker): void {
  if (trackers.length === 1 && trackers[0] === taker) return;
  eachDirtyKey(claim, (key, child) => {
    for (const tracker of trackers) if (tracker !== taker) tracker.onTaken(key, child);
  });
}
