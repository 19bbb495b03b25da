import { type ReadonlySignal, signal } from "./signals.js";
import { addTracker, type Claim, removeFollower, type Tracker } from "./claim.js";
import { kindOf } from "./kinds.js";
import type { Patch } from "./patches.js";
import { nodeOf, refuseValue } from "./reactive.js";
import { type Refuse, refuseWithin } from "./refuse.js";
import { running } from "./running.js";
import { clean, eachDirtyKey, gather } from "./take.js";

/** What happened to one top-level key since the last `take()`. */
export interface DirtyKey {
  /**
   * What turns a copy of the key's value at the last `take()` into the value now; paths start at that value, and the values are the
   * live raw objects. `null`: the whole key has to be taken, since it was assigned, or since patches can't tell the change exactly.
   */
  readonly patches: Patch[] | null;
}

/** Follows which top-level keys of a tree changed, and how. */
export interface DirtyTracker {
  /** Moves once when the tree goes from clean to dirty. */
  readonly version: ReadonlySignal<number>;
  /** Whether anything was changed since the last `take()`, even if it was changed back. */
  readonly isDirty: boolean;
  /** The top-level keys changed since the last `take()`, gone ones included. */
  keys(): Set<PropertyKey>;
  /**
   * What changed since the last `take()`, by top-level key; the tree is clean afterwards. Takes time in proportion to what changed, not to
   * the whole tree. Throws a TypeError in a transaction, which may still take the changes back.
   */
  take(): Map<PropertyKey, DirtyKey>;
  /** Stops following; changes that weren't taken are forgotten. */
  dispose(): void;
}

export interface TrackOptions {
  /**
   * Whether to follow only assignments to top-level keys. Then assigning the object that is already there counts as a change, since its inside
   * may have changed. Default: false.
   */
  readonly shallow?: boolean;
  /**
   * The top-level keys to follow; what stands at others costs nothing, and is not told of. Default: all. Once somebody else follows the same
   * root, a change elsewhere may move `version` and `isDirty`, too.
   */
  readonly keys?: Iterable<PropertyKey> | undefined;
  /**
   * Called with what no structured clone keeps (functions, symbols, promises, WeakMaps, what is nested more than 2,000 levels deep...) and
   * its path, when it is assigned or is there at the start. If it throws, nothing is changed.
   */
  readonly refuse?: ((value: unknown, path: readonly unknown[]) => void) | undefined;
  /**
   * Called at the very change that makes a clean tree dirty, even inside a batch or a transaction, while effects hear of `version` only at its end.
   * Must neither throw nor touch the tree.
   */
  readonly onDirty?: (() => void) | undefined;
}

class RootTracker implements Tracker {
  readonly version = signal(0);
  /** Keys whose changes another tracker took. */
  missed: Set<PropertyKey> | undefined = undefined;
  isDisposed = false;
  #count = 0;

  constructor(
    readonly isShallow: boolean,
    readonly only: ReadonlySet<PropertyKey> | undefined,
    readonly refuse: Refuse | undefined,
    readonly onFirstChange: (() => void) | undefined,
  ) {}

  onDirty(): void {
    if (this.missed !== undefined) return;
    this.onFirstChange?.();
    this.version.value = ++this.#count;
  }

  save(): () => void {
    const count = this.#count;
    return () => {
      this.#count = count;
      this.version.value = count;
    };
  }

  onTaken(key: unknown, child: Claim | null): void {
    if (this.#follows(key, child)) (this.missed ??= new Set()).add(key as PropertyKey);
  }

  /** Whether it is told of what changed at `key`, or in the `child` that stands there. */
  #follows(key: unknown, child: Claim | null): boolean {
    return (child === null || !this.isShallow) && this.only?.has(key as PropertyKey) !== false;
  }

  keys(claim: Claim): Set<PropertyKey> {
    if (this.isDisposed) return new Set();
    const keys = new Set(this.missed);
    eachDirtyKey(claim, (key, child) => {
      if (this.#follows(key, child)) keys.add(key as PropertyKey);
    });
    return keys;
  }

  take(claim: Claim): Map<PropertyKey, DirtyKey> {
    const taken = new Map<PropertyKey, DirtyKey>();
    if (this.isDisposed) return taken;
    if (this.missed !== undefined) for (const key of this.missed) taken.set(key, { patches: null });
    eachDirtyKey(claim, (key, child) => {
      if (this.missed?.has(key as PropertyKey) === true || !this.#follows(key, child)) return;
      const patches = child === null ? null : gather(child);
      if (patches === null || patches.length > 0) taken.set(key as PropertyKey, { patches });
    });
    clean(claim, this);
    this.missed = undefined;
    return taken;
  }
}

/**
 * Follows the tree below `root` (a proxy or the raw object) and tells which of its top-level keys changed, and how. Throws a TypeError if `root` isn't an
 * object with properties (an array, a Map...), and what `refuse` throws.
 *
 * ```ts
 * const tracker = trackDirty(state);
 * effect(() => {
 *   if (tracker.version.value > 0) schedule(() => store(tracker.take()));
 * });
 * ```
 */
export function trackDirty(root: object, options: TrackOptions = {}): DirtyTracker {
  const { keys, refuse } = options;
  const node = nodeOf(root, "trackDirty");
  if (kindOf(node.raw) !== "object") refuseValue("trackDirty", "an object with properties", node.raw);
  const only = keys && new Set(keys);
  if (refuse !== undefined) refuseWithin(node.raw, [], refuse, new Set(), undefined, only);
  const tracker = new RootTracker(options.shallow === true, only, refuse, options.onDirty);
  const claim = addTracker(node, tracker);
  // Something below may have been changed under another root, and not been taken there.
  if (claim.isDirty) clean(claim, tracker);
  return {
    version: tracker.version,
    get isDirty() {
      return !tracker.isDisposed && (claim.isDirty || tracker.missed !== undefined);
    },
    keys: () => tracker.keys(claim),
    take() {
      if (running.transaction !== undefined) {
        throw new TypeError(
          "[reactive] take() was called in a transaction, which may still be taken back; call it after",
        );
      }
      return tracker.take(claim);
    },
    dispose() {
      tracker.isDisposed = true;
      removeFollower(claim, tracker);
    },
  };
}
