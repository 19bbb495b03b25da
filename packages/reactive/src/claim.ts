/**
 * Ownership of a tree that somebody tracks.
 *
 * A claimed object knows the claimed objects that hold it, each with the number of places it is held at, so that a
 * change finds every root above it however often the object is aliased. Only claimed trees pay for this: the links are made
 * by walking the tree when it is claimed, and kept exact at every write after that.
 */
export interface Claimable {
  readonly raw: object;
  claim: Claim | undefined;
  /** Calls `visit` with every object directly inside, once for each place it stands at. */
  eachChild(visit: (value: object, key: unknown) => void): void;
  /** The node of an object inside this one. */
  nodeOf(value: object): Claimable;
}

/** Somebody who holds the root of a tree and wants to know of changes below it. */
export interface Holder {
  /** Called after a change below the root, at most once until the holder cleans the root. */
  onDirty(): void;
  /** Sees only assignments to the root itself. */
  readonly isShallow: boolean;
  /** Throws when `value` must not stand in the tree. */
  readonly refuse: ((value: unknown, path: readonly unknown[]) => void) | undefined;
}

export class Claim {
  /** The only parent, or the first of `parents`. */
  parent: Claim | undefined = undefined;
  /** In how many places of how many parents this object stands. */
  links = 0;
  /** Only when there is more than one parent: how often each holds this object. */
  parents: Map<Claim, number> | undefined = undefined;
  /** Where this object stood in its parent when it was last seen there; verified before it is used. */
  hint: unknown = undefined;
  holders: Holder[] | undefined = undefined;
  /** Whether the objects below are claimed, too; only a root that is held shallowly has none. */
  isDeep = true;
  isDirty = false;
  changedKeys: Set<unknown> | undefined = undefined;
  dirtyChildren: Set<Claim> | undefined = undefined;

  constructor(readonly node: Claimable) {}

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
    }
    if (this.isDirty) (parent.dirtyChildren ??= new Set()).add(this);
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
    this.parent = this.parents.keys().next().value;
    if (this.parents.size === 1) this.parents = undefined;
  }

  eachParent(visit: (parent: Claim) => void): void {
    if (this.parents !== undefined) for (const parent of this.parents.keys()) visit(parent);
    else if (this.parent !== undefined) visit(this.parent);
  }
}

/** Whether a holder stands at `claim` or above it. */
function isHeld(claim: Claim): boolean {
  if (claim.holders !== undefined) return true;
  if (claim.parent === undefined) return false;
  const seen = new Set([claim]);
  for (const above of seen) {
    if (above.holders !== undefined) return true;
    above.eachParent((parent) => seen.add(parent));
  }
  return false;
}

/** Links `value`, which was put at `key` of `parent`, and claims everything below it that wasn't claimed yet. */
export function attach(parent: Claim, value: object, key: unknown): void {
  const pending: Claim[] = [];
  const link = (owner: Claim, child: object, at: unknown) => {
    const node = owner.node.nodeOf(child);
    let claim = node.claim;
    if (claim === undefined) {
      claim = node.claim = new Claim(node);
      pending.push(claim);
    }
    claim.addParent(owner, at);
  };
  link(parent, value, key);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const owner = next;
    owner.node.eachChild((child, at) => link(owner, child, at));
  }
}

/** Unlinks `value`, which no longer stands at one of its places in `parent`, and lets go of what nobody holds any more. */
export function detach(parent: Claim, value: object): void {
  const pending: [Claim, object][] = [[parent, value]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [owner, child] = next;
    const claim = owner.node.nodeOf(child).claim;
    if (claim === undefined) continue;
    claim.removeParent(owner);
    // Counting alone would keep a dropped cycle, and through it whatever it points to.
    if (claim.holders === undefined && (claim.links === 0 || !isHeld(claim))) {
      claim.node.claim = undefined;
      claim.node.eachChild((inner) => pending.push([claim, inner]));
    }
  }
}

/** Claims the tree below `node` for `holder`. */
export function hold(node: Claimable, holder: Holder): Claim {
  let claim = node.claim;
  if (claim === undefined) {
    claim = node.claim = new Claim(node);
    claim.isDeep = false;
  }
  const root = claim;
  if (!holder.isShallow && !root.isDeep) {
    root.isDeep = true;
    node.eachChild((child, key) => attach(root, child, key));
  }
  (claim.holders ??= []).push(holder);
  return claim;
}

/** Ends `holder`'s claim. */
export function letGo(claim: Claim, holder: Holder): void {
  const rest = (claim.holders ?? []).filter((other) => other !== holder);
  claim.holders = rest.length === 0 ? undefined : rest;
  if (isHeld(claim)) return;
  claim.node.claim = undefined;
  if (claim.isDeep) claim.node.eachChild((child) => detach(claim, child));
}

/** Marks `claim` and everything above it; stops at what is marked already, since all above that is marked, too. */
export function mark(claim: Claim): void {
  if (claim.isDirty) return;
  const notified: Holder[] = [];
  const pending = [claim];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.isDirty) continue;
    next.isDirty = true;
    if (next.holders !== undefined) notified.push(...next.holders);
    const child = next;
    next.eachParent((parent) => {
      (parent.dirtyChildren ??= new Set()).add(child);
      pending.push(parent);
    });
  }
  for (const holder of notified) holder.onDirty();
}
