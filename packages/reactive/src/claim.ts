import { batch } from "./signals.js";
import { ABSENT } from "./cells.js";
import { isObject } from "./kinds.js";
import { type ArrayOp, ArrayRecord, KeyRecord } from "./record.js";
import { type Refuse, refuseAbove } from "./refuse.js";
import { running } from "./running.js";
import { stampedNode } from "./stamp.js";

/**
 * Ownership of a tree that somebody tracks.
 *
 * A claimed object knows the claimed objects that hold it, each with the number of places it is held at, so that a
 * change finds every root above it however often the object is aliased. Only claimed trees pay for this: the links are made
 * by walking the tree when it is claimed, and kept exact at every write after that.
 */
export interface Claimable {
  readonly raw: object;
  /** Whether `raw` is known to have plain properties only, all of which a structured clone takes along. */
  readonly isBare: boolean;
  claim: Claim | undefined;
  /** Calls `visit` with every object directly inside, once for each place it stands at. */
  eachChild(visit: (value: object, key: unknown) => void): void;
  /** Puts raw objects where proxies stand. */
  unproxy(): void;
  /** The node of an object inside this one. */
  nodeOf(value: object): Claimable;
}

/** How much of a root is followed. */
interface Scope {
  /** Only assignments to the root itself. */
  readonly isShallow: boolean;
  /** Only these keys of the root, and what stands at them. */
  readonly only: ReadonlySet<unknown> | undefined;
}

/** Follows which keys of its root changed. */
export interface Tracker extends Scope {
  /** Throws when a value must not stand in the tree. */
  readonly refuse: Refuse | undefined;
  /** Called after the first change below the root since it was clean. */
  onDirty(): void;
  /** Remembers its state, and returns what puts it back. */
  save(): () => void;
  /** Called when another tracker takes the changes of this key, or, where it wasn't assigned, of the `child` that stands there. */
  onTaken(key: unknown, child: Claim | null): void;
}

/** One change of one object, as it has to be told to watchers; `before` and `after` may be ABSENT. */
export type Change =
  | {
      readonly kind: "key";
      readonly key: unknown;
      readonly before: unknown;
      readonly after: unknown;
      /** Of an array, when a key came: its length before. */
      readonly length?: number;
    }
  | {
      readonly kind: "splice";
      readonly index: number;
      readonly removed: readonly unknown[];
      readonly inserted: readonly unknown[];
    }
  | { readonly kind: "clear"; readonly before: readonly unknown[] }
  | { readonly kind: "value"; readonly before: object };

/** Is told each change below its root. */
export interface Watcher {
  onChange(claim: Claim, change: Change): void;
}

/** A Map's iterator steps over the keys that went: where they may be very many, they are to be forgotten now and then. */
const MANY_PARENTS = 4000;
const NO_KEY = Symbol("no key");

/** Whether what stands at `key` of a root is claimed. */
const isWithin = (scope: Scope | undefined, key: unknown): boolean =>
  scope === undefined || (!scope.isShallow && scope.only?.has(key) === true);

/** The claim of a raw object. */
export const claimOf = (raw: object): Claim | undefined => (stampedNode(raw) as Claimable | undefined)?.claim;

export class Claim {
  /** The only parent. */
  parent: Claim | undefined = undefined;
  /** In how many places of how many parents this object stands. */
  links = 0;
  /** When there are several: how often each holds this object. */
  parents: Map<Claim, number> | undefined = undefined;
  /** Where this object stood in its parent when it was last seen there; verified before it is used. */
  hint: unknown = undefined;
  trackers: Tracker[] | undefined = undefined;
  watchers: Watcher[] | undefined = undefined;
  /** Of a root not all of which is followed: how much is. What else stands in it is not claimed. */
  scope: Scope | undefined = undefined;
  /** Whether there may be a tracker above. */
  isTracked = false;
  /** Whether there may be a watcher above. */
  isWatched = false;
  /** The node's snapshot while it is up to date; then those of all below are, too. */
  snapshot: object | undefined = undefined;
  isDirty = false;
  /** Whether a tracker took what was recorded here before a dirty parent's did, which can't tell that change any more. */
  isPartlyTaken = false;
  /** The key whose further changes, from primitive to primitive, tell nothing that isn't noted already. */
  quietKey: unknown = NO_KEY;
  record: KeyRecord | ArrayRecord | undefined = undefined;
  /** The first child that is dirty. Nodes, not claims, as a rollback may bring a node back with a new claim. */
  dirtyChild: Claimable | undefined = undefined;
  /** All that are, when there is more than one. */
  dirtyChildren: Set<Claimable> | undefined = undefined;

  /** The node's: it is looked at on every way, and nodes are of many shapes. */
  readonly raw: object;

  constructor(readonly node: Claimable) {
    this.raw = node.raw;
  }

  /** Has every further change noted. */
  makeLoud(): void {
    this.quietKey = NO_KEY;
  }

  get isRoot(): boolean {
    return this.trackers !== undefined || this.watchers !== undefined;
  }

  /** Whether what stands here can be reached, or is tracked, in more than one way. */
  get isShared(): boolean {
    return this.links + (this.trackers?.length ?? 0) > 1;
  }

  /** Whether this object stands in that of `parent`. */
  isIn(parent: Claim): boolean {
    return this.parents === undefined ? this.parent === parent : this.parents.has(parent);
  }

  addParent(parent: Claim, key: unknown): void {
    this.hint = key;
    this.links++;
    if (this.parents !== undefined) {
      this.parents.set(parent, (this.parents.get(parent) ?? 0) + 1);
    } else if (this.parent === undefined) {
      this.parent = parent;
    } else if (this.parent !== parent) {
      this.parents = new Map([
        [this.parent, this.links - 1],
        [parent, 1],
      ]);
      this.parent = undefined;
    }
    // All above what is dirty is dirty: marking relies on that, and stops where it finds a mark.
    if (this.isDirty) {
      addDirty(parent, this.node);
      mark(parent);
    }
  }

  removeParent(parent: Claim): void {
    this.links--;
    if (this.parents === undefined) {
      if (this.links === 0) this.parent = undefined;
      return;
    }
    const count = (this.parents.get(parent) ?? 0) - 1;
    if (count > 0) {
      this.parents.set(parent, count);
      return;
    }
    this.parents.delete(parent);
    if (this.parents.size === 1) {
      [this.parent] = this.parents.keys();
      this.parents = undefined;
    } else if (this.parents.size % MANY_PARENTS === 0) this.parents = new Map(this.parents);
  }

  parentsNow(): IterableIterator<Claim> {
    if (this.parents !== undefined) return this.parents.keys();
    return (this.parent === undefined ? [] : [this.parent]).values();
  }

  /**
   * This and everything above it but what is `loose`, each once. Climbs depth first, so that what is held by very many is found to be held
   * after one way up.
   */
  *upward(loose?: ReadonlySet<Claim>): Generator<Claim, undefined> {
    const seen = new Set<Claim>();
    const ways: Iterator<Claim>[] = [[this].values()];
    for (let way = ways.at(-1); way !== undefined; way = ways.at(-1)) {
      const step = way.next();
      if (step.done === true) ways.pop();
      else if (!seen.has(step.value) && loose?.has(step.value) !== true) {
        seen.add(step.value);
        yield step.value;
        ways.push(step.value.parentsNow());
      }
    }
    return undefined;
  }

  /** Calls `visit` with every claimed object directly inside, once for each place it stands at. */
  eachChild(visit: (value: object, key: unknown) => void): void {
    const { scope } = this;
    this.node.eachChild(
      scope === undefined
        ? visit
        : (child, key) => {
            if (isWithin(scope, key)) visit(child, key);
          },
    );
  }

  /** Throws if a tracker of this or anything above refuses `value`, which is to stand at `key`. */
  refuse(value: unknown, key: unknown): void {
    const isPrimitive = typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol";
    if (!isPrimitive && value !== null) refuseAbove(this, value, key);
  }

  /** Links `value`, which was put at `key`, and claims everything below it that wasn't claimed yet. */
  attach(value: object, key: unknown): void {
    const node = this.node.nodeOf(value);
    let claim = node.claim;
    const isNew = claim === undefined;
    claim ??= node.claim = new Claim(node);
    claim.addParent(this, key);
    if (isNew) claimBelow(claim);
    else deepen(claim);
    if (this.isTracked && !claim.isTracked) spread(claim, "isTracked");
    if (this.isWatched && !claim.isWatched) spread(claim, "isWatched");
  }

  /** Unlinks `value`, which no longer stands at one of its places here, and lets go of what nobody follows any more. */
  detach(value: object): void {
    letGo([[this, value]]);
  }

  /** Links what came and unlinks what went; what came first, so that a move lets go of nothing. */
  relink(key: unknown, before: unknown, after: unknown): void {
    if (before === after || !isWithin(this.scope, key)) return;
    if (isObject(after)) this.attach(after, key);
    if (isObject(before)) this.detach(before);
  }

  /** Notes that at `key` there was `before` and is `after`, either of which may be ABSENT. */
  noteKey(key: unknown, before: unknown, after: unknown): void {
    if (this.scope?.only?.has(key) === false) return;
    if (this.isTracked) {
      running.transaction?.beforeMark(this);
      ((this.record ??= new KeyRecord()) as KeyRecord).note(key, before, after);
    }
    this.tell(undefined, key, before, after);
    if (after !== ABSENT && this.isDirty && !this.isWatched) this.quietKey = key;
  }

  /** Notes that all entries went: `before` they were these, which hold `items`. */
  noteClear(before: readonly unknown[], items: readonly unknown[]): void {
    for (const item of items) if (isObject(item)) this.detach(item);
    if (this.isTracked) {
      running.transaction?.beforeMark(this);
      ((this.record ??= new KeyRecord()) as KeyRecord).noteClear();
    }
    this.tell({ kind: "clear", before });
  }

  /** Notes what happened to an array, now of that length; `undefined`: what telling would take more than the array. */
  noteOp(op: ArrayOp | undefined, length: number, change: Change | undefined): void {
    if (this.isTracked) {
      running.transaction?.beforeMark(this);
      const record = (this.record ??= new ArrayRecord()) as ArrayRecord;
      if (op === undefined) record.noteWhole();
      else {
        record.note(op, length);
        if (op.op === "splice") for (const value of op.insert) this.#noteAgain(record, value);
        else if (op.op === "set") this.#noteAgain(record, op.value);
      }
    }
    this.tell(change);
  }

  #noteAgain(record: ArrayRecord, value: unknown): void {
    if (isObject(value) && claimOf(value)?.isShared === true) (record.again ??= new Set()).add(value);
  }

  /** Has whoever follows this object hear of a change, which without `change` is one of a key. */
  tell(change: Change | undefined, key?: unknown, before?: unknown, after?: unknown): void {
    if (this.snapshot !== undefined) this.unsnap();
    if (this.isWatched) tellWatchers(this, change ?? { kind: "key", key, before, after });
    if (this.isTracked && !this.isDirty) mark(this);
  }

  /** Forgets the snapshots of this and everything above it. */
  unsnap(): void {
    const pending: Claim[] = [this];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.snapshot === undefined) continue;
      next.snapshot = undefined;
      for (const parent of next.parentsNow()) pending.push(parent);
    }
  }
}

/** Whether somebody follows `claim` or anything above it. What is found not to be held is put into `loose`, which is not looked at again. */
function isHeld(claim: Claim, loose: Set<Claim>): boolean {
  const seen: Claim[] = [];
  for (const above of claim.upward(loose)) {
    if (above.isRoot) return true;
    seen.push(above);
  }
  for (const one of seen) loose.add(one);
  return false;
}

/** What was followed in part until now has all its inside claimed. */
function deepen(claim: Claim): void {
  const { scope, node } = claim;
  if (scope === undefined) return;
  node.unproxy();
  claim.scope = undefined;
  node.eachChild((child, key) => {
    if (!isWithin(scope, key)) claim.attach(child, key);
  });
}

function claimBelow(root: Claim): void {
  let owner = root;
  const pending: Claim[] = [];
  let parts: Claim[] | undefined;
  let hasProxies = false;
  const visit = (child: object, key: unknown) => {
    const node = owner.node.nodeOf(child);
    hasProxies ||= node.raw !== child;
    let claim = node.claim;
    if (claim === undefined) {
      claim = node.claim = new Claim(node);
      pending.push(claim);
    } else if (claim.scope !== undefined) (parts ??= []).push(claim);
    claim.addParent(owner, key);
  };
  for (let next: Claim | undefined = root; next !== undefined; next = pending.pop()) {
    owner = next;
    owner.eachChild(visit);
    if (hasProxies) owner.node.unproxy();
    hasProxies = false;
  }
  // Once all here is claimed: what is attached tells what is below who is above.
  for (const claim of parts ?? []) deepen(claim);
}

/** Tells all below that somebody is above. It isn't taken back at the end: that costs a little time, and no change is missed. */
function spread(root: Claim, flag: "isTracked" | "isWatched"): void {
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next[flag]) continue;
    next[flag] = true;
    next.quietKey = NO_KEY;
    next.eachChild((child) => {
      const claim = claimOf(child);
      if (claim !== undefined) pending.push(claim);
    });
  }
}

function letGo(pending: [Claim, object][]): void {
  const loose = new Set<Claim>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [owner, child] = next;
    const claim = claimOf(child);
    if (claim === undefined) continue;
    claim.removeParent(owner);
    // Counting alone would keep a dropped cycle, and through it whatever it points to.
    if (!claim.isRoot && (claim.links === 0 || !isHeld(claim, loose))) release(claim, pending);
  }
}

function release(claim: Claim, pending: [Claim, object][]): void {
  running.transaction?.beforeMark(claim);
  claim.node.claim = undefined;
  claim.eachChild((inner) => pending.push([claim, inner]));
}

/** Makes `node` the root of a claimed tree, of which as much is followed as `scope` says; undefined: all. */
function claimTree(node: Claimable, scope: Scope | undefined): Claim {
  const { claim } = node;
  if (claim === undefined) {
    const made = (node.claim = new Claim(node));
    made.scope = scope;
    claimBelow(made);
    return made;
  }
  // What several follow is followed in one of two ways.
  if (claim.scope?.isShallow === true && scope?.isShallow === true)
    claim.scope = { isShallow: true, only: undefined };
  else deepen(claim);
  return claim;
}

export function addTracker(node: Claimable, tracker: Tracker): Claim {
  const claim = claimTree(node, tracker.isShallow || tracker.only ? tracker : undefined);
  (claim.trackers ??= []).push(tracker);
  spread(claim, "isTracked");
  return claim;
}

export function addWatcher(node: Claimable, watcher: Watcher): Claim {
  const claim = claimTree(node, undefined);
  (claim.watchers ??= []).push(watcher);
  spread(claim, "isWatched");
  return claim;
}

const without = <T>(list: T[] | undefined, item: T): T[] | undefined => {
  const rest = list?.filter((other) => other !== item);
  return rest?.length === 0 ? undefined : rest;
};

/** Ends what `follower` follows at `claim`. */
export function removeFollower(claim: Claim, follower: Tracker | Watcher): void {
  claim.trackers = without(claim.trackers, follower as Tracker);
  claim.watchers = without(claim.watchers, follower as Watcher);
  if (isHeld(claim, new Set())) return;
  const pending: [Claim, object][] = [];
  release(claim, pending);
  letGo(pending);
}

function addDirty(parent: Claim, child: Claimable): void {
  running.transaction?.beforeMark(parent);
  const { dirtyChild } = parent;
  if (dirtyChild === undefined) parent.dirtyChild = child;
  else if (parent.dirtyChildren !== undefined) parent.dirtyChildren.add(child);
  else if (dirtyChild !== child) parent.dirtyChildren = new Set([dirtyChild, child]);
}

/** Marks `claim` and everything above it; stops at what is marked already, since all above that is marked, too. */
function mark(claim: Claim): void {
  let notified: Tracker[] | undefined;
  let pending: Claim[] | undefined;
  for (let next: Claim | undefined = claim; next !== undefined; next = pending?.pop()) {
    while (next !== undefined && !next.isDirty) {
      running.transaction?.beforeMark(next);
      next.isDirty = true;
      const { trackers }: Claim = next;
      if (trackers !== undefined) notified = notified === undefined ? trackers : [...notified, ...trackers];
      const { node, parent, parents }: Claim = next;
      if (parents !== undefined) {
        for (const above of parents.keys()) {
          addDirty(above, node);
          (pending ??= []).push(above);
        }
      } else if (parent !== undefined) addDirty(parent, node);
      next = parent;
    }
  }
  if (notified === undefined) return;
  const [first] = notified;
  if (notified.length === 1) first?.onDirty();
  else
    batch(() => {
      for (const tracker of notified) tracker.onDirty();
    });
}

/** Tells `change` to everybody who watches `claim` or anything above it. */
function tellWatchers(claim: Claim, change: Change): void {
  for (const above of claim.upward())
    for (const watcher of above.watchers ?? []) watcher.onChange(claim, change);
}
