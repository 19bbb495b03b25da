import { type ReadonlySignal, signal } from "@preact/signals-core";
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
  /** Whether anything was changed since the last `take()`, be it what it was again. */
  readonly isDirty: boolean;
  /** The top-level keys changed since the last `take()`, gone ones included. */
  keys(): Set<PropertyKey>;
  /**
   * What changed since the last `take()`, by top-level key; the tree is clean afterwards. Takes time for what changed, not for
   * what there is. Throws in a transaction, which may still take the changes back.
   */
  take(): Map<PropertyKey, DirtyKey>;
  /** Stops following; what changed and wasn't taken is forgotten. */
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
  /**
   * Called at the very change that makes a clean tree dirty, also inside a batch or a transaction, at whose end only `version` is heard of.
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

  onTaken(key: unknown): void {
    (this.missed ??= new Set()).add(key as PropertyKey);
  }

  keys(claim: Claim): Set<PropertyKey> {
    if (this.isDisposed) return new Set();
    const keys = new Set(this.missed);
    eachDirtyKey(claim, (key, child) => {
      if (child === null || !this.isShallow) keys.add(key as PropertyKey);
    });
    return keys;
  }

  take(claim: Claim): Map<PropertyKey, DirtyKey> {
    const taken = new Map<PropertyKey, DirtyKey>();
    if (this.isDisposed) return taken;
    if (this.missed !== undefined) for (const key of this.missed) taken.set(key, { patches: null });
    eachDirtyKey(claim, (key, child) => {
      if (this.missed?.has(key as PropertyKey) === true || (child !== null && this.isShallow)) return;
      const patches = child === null ? null : gather(child);
      if (patches === null || patches.length > 0) taken.set(key as PropertyKey, { patches });
    });
    clean(claim, this);
    this.missed = undefined;
    return taken;
  }
}

/**
 * Follows the tree below `root` (a proxy or the raw object) and tells which of its top-level keys changed, and how.
 *
 * ```ts
 * const tracker = trackDirty(state);
 * effect(() => {
 *   if (tracker.version.value > 0) schedule(() => store(tracker.take()));
 * });
 * ```
 */
export function trackDirty(root: object, options: TrackOptions = {}): DirtyTracker {
  const node = nodeOf(root, "trackDirty");
  if (kindOf(node.raw) !== "object") refuseValue("trackDirty", "an object with properties", node.raw);
  if (options.refuse !== undefined) refuseWithin(node.raw, [], options.refuse, new Set());
  const tracker = new RootTracker(options.shallow === true, options.refuse, options.onDirty);
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
