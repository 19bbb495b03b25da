import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type Claim, hold, type Holder, letGo } from "./claim.js";
import { refuseWithin } from "./node.js";
import type { Patch } from "./patches.js";
import { nodeOf } from "./reactive.js";

/** What happened to one top-level key since the last `take()`. */
export interface DirtyKey {
  /**
   * What turns a copy of the key's value at the last `take()` into the value now; paths start at that value, and the values are the live raw
   * objects. `null`: the whole key has to be taken, since it was assigned, or since patches can't tell the change exactly.
   */
  readonly patches: Patch[] | null;
}

/** Follows which top-level keys of a tree changed, and how. */
export interface DirtyTracker {
  /** Moves once when the tree goes from clean to dirty. */
  readonly version: ReadonlySignal<number>;
  /** The top-level keys changed since the last `take()`, gone ones included. */
  keys(): Set<PropertyKey>;
  /** What changed since the last `take()`, by top-level key; the tree is clean afterwards. */
  take(): Map<PropertyKey, DirtyKey>;
  /** Stops following. */
  dispose(): void;
}

export interface TrackOptions {
  /**
   * Follow only assignments to top-level keys. Assigning the object that is there already counts as a change then, since its inside
   * may have changed. Default: false.
   */
  readonly shallow?: boolean;
  /**
   * Called with what no structured clone keeps (functions, symbols, promises, WeakMaps...), and where it would stand, when it is assigned
   * or is there at the start. May throw; then nothing was changed.
   */
  readonly refuse?: (value: unknown, path: readonly unknown[]) => void;
}

class RootHolder implements Holder {
  readonly version = signal(0);

  constructor(
    readonly isShallow: boolean,
    readonly refuse: ((value: unknown, path: readonly unknown[]) => void) | undefined,
  ) {}

  onDirty(): void {
    this.version.value = this.version.peek() + 1;
  }
}

function dirtyKeys(claim: Claim): Set<PropertyKey> {
  const keys = new Set(claim.changedKeys as Set<PropertyKey> | undefined);
  if (claim.dirtyChildren !== undefined) {
    claim.node.eachChild((child, key) => {
      const below = claim.node.nodeOf(child).claim;
      if (below !== undefined && claim.dirtyChildren?.has(below) === true) keys.add(key as PropertyKey);
    });
  }
  return keys;
}

function clean(claim: Claim): void {
  const pending = [claim];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    next.isDirty = false;
    next.changedKeys = undefined;
    if (next.dirtyChildren !== undefined) pending.push(...next.dirtyChildren);
    next.dirtyChildren = undefined;
  }
}

/**
 * Follows the tree below `root` (a proxy or the raw object) and tells which of its top-level keys changed.
 *
 * ```ts
 * const tracker = trackDirty(state);
 * effect(() => { tracker.version.value; schedule(() => store(tracker.take())); });
 * ```
 */
export function trackDirty(root: object, options: TrackOptions = {}): DirtyTracker {
  const node = nodeOf(root);
  if (options.refuse !== undefined) refuseWithin(node.raw, [], options.refuse, new Set());
  const holder = new RootHolder(options.shallow === true, options.refuse);
  const claim = hold(node, holder);
  return {
    version: holder.version,
    keys: () => dirtyKeys(claim),
    take() {
      const keys = dirtyKeys(claim);
      clean(claim);
      return new Map([...keys].map((key) => [key, { patches: null }]));
    },
    dispose: () => letGo(claim, holder),
  };
}
