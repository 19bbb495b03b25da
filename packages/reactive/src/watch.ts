import { effect, signal, untracked } from "./signals.js";
import { ABSENT } from "./cells.js";
import { addWatcher, type Change, type Claim, removeFollower, type Watcher } from "./claim.js";
import { indexesOf, isSparse } from "./handlers/array.js";
import { isObject } from "./kinds.js";
import { knownNode } from "./node.js";
import type { Patch, Path } from "./patches.js";
import { nodeOf } from "./reactive.js";
import { type Journal, running } from "./running.js";
import { snapshotOf } from "./snapshot.js";
import { waysBetween } from "./ways.js";

/** Called with the patches that tell what happened and with those that undo it, each to be applied in order. */
export type WatchListener = (patches: readonly Patch[], inverse: readonly Patch[]) => void;

interface Step {
  readonly patches: Patch[];
  readonly inverse: Patch[];
}

/** The value as it is now, for a patch that may be applied when it is another. */
const fixed = (value: unknown): unknown => {
  const node = isObject(value) ? knownNode(value) : undefined;
  return node === undefined ? value : snapshotOf(node);
};

function setOrDelete(path: Path, value: unknown): Patch {
  return value === ABSENT ? { op: "delete", path } : { op: "set", path, value: fixed(value) };
}

/** Holes travel as undefined, and are made holes after; in a sparse end, they may be too many for that. */
function splice(
  path: Path,
  index: number,
  remove: number,
  values: readonly unknown[],
  isEnd: boolean,
): Patch[] {
  const isShort = isEnd && isSparse(values);
  const insert = isShort ? [] : Array.from(values, fixed);
  const patches: Patch[] = [{ op: "splice", path, index, remove, insert }];
  const put = (value: unknown, offset: number) => patches.push(setOrDelete([...path, index + offset], value));
  const last = values.length - 1;
  if (isShort) {
    for (const offset of indexesOf(values)) put(values[offset], offset);
    // The last slot makes the length.
    if (!(last in values)) put(undefined, last);
  }
  for (let offset = isShort ? last : 0; offset <= last; offset++)
    if (!(offset in values)) put(ABSENT, offset);
  return patches;
}

function describe(raw: object, path: Path, change: Change): Step {
  switch (change.kind) {
    case "key": {
      const { key, before, after, length } = change;
      const at = [...path, key];
      if (raw instanceof Set) {
        const add: Patch = { op: "add", path, value: fixed(key) };
        const remove: Patch = { op: "delete", path: at };
        return before === ABSENT
          ? { patches: [add], inverse: [remove] }
          : { patches: [remove], inverse: [add] };
      }
      const isLonger = Array.isArray(raw) && before === ABSENT && length !== undefined && raw.length > length;
      const inverse: Patch = isLonger
        ? { op: "splice", path, index: length, remove: raw.length - length, insert: [] }
        : setOrDelete(at, before);
      return { patches: [setOrDelete(at, after)], inverse: [inverse] };
    }
    case "splice": {
      const { index, removed, inserted } = change;
      const isEnd = index + inserted.length === (raw as unknown[]).length;
      return {
        patches: splice(path, index, removed.length, inserted, isEnd),
        inverse: splice(path, index, inserted.length, removed, isEnd),
      };
    }
    case "clear": {
      const inverse = change.before.map((item): Patch => {
        if (!(raw instanceof Map)) return { op: "add", path, value: fixed(item) };
        const [key, value] = item as [unknown, unknown];
        return { op: "set", path: [...path, key], value: fixed(value) };
      });
      return { patches: [{ op: "clear", path }], inverse };
    }
    case "value":
      return {
        patches: [{ op: "set", path, value: fixed(raw) }],
        inverse: [{ op: "set", path, value: change.before }],
      };
  }
}

class RootWatcher implements Watcher {
  readonly #moved = signal({});
  #steps: Step[] = [];
  #journal: Journal | undefined = undefined;
  readonly #root: Claim;
  readonly #stop: () => void;

  constructor(root: object, listener: WatchListener) {
    this.#root = addWatcher(nodeOf(root, "watch"), this);
    this.#stop = effect(() => {
      void this.#moved.value;
      untracked(() => this.#deliver(listener));
    });
  }

  onChange(claim: Claim, change: Change): void {
    const { raw } = claim.node;
    // A hidden property is none to who takes a copy.
    if (change.kind === "key" && change.before === ABSENT && change.after === ABSENT) return;
    const steps = waysBetween(this.#root, claim)
      // The root itself has no place where it could be replaced.
      .filter((path) => change.kind !== "value" || path.length > 0)
      .map((path) => describe(raw, path, change));
    if (steps.length === 0) return;
    const { transaction } = running;
    if (transaction !== undefined && transaction !== this.#journal) {
      this.#journal = transaction;
      const count = this.#steps.length;
      transaction.onRollback(() => this.#steps.splice(count));
    }
    this.#steps.push(...steps);
    this.#moved.value = {};
  }

  #deliver(listener: WatchListener): void {
    const steps = this.#steps;
    if (steps.length === 0) return;
    this.#steps = [];
    this.#journal = undefined;
    listener(
      steps.flatMap((step) => step.patches),
      steps.toReversed().flatMap((step) => step.inverse),
    );
  }

  dispose(): void {
    this.#stop();
    removeFollower(this.#root, this);
  }
}

/**
 * Calls `listener` after each change below `root`, or once after a batch, with the patches that tell it and those that undo it. Returns
 * a function that stops it.
 *
 * An object that can be reached in several ways has a patch for each, so that a copy in which nothing is shared
 * (one sent as JSON, say) follows exactly; where finding all ways would take more than 20,000 steps, as in a dense graph, it has one for
 * the shortest. Values in patches are frozen copies.
 *
 * ```ts
 * const stop = watch(state, (patches) => socket.send(JSON.stringify(patches)));
 * ```
 */
export function watch<T extends object>(root: T, listener: WatchListener): () => void {
  const watcher = new RootWatcher(root, listener);
  return () => watcher.dispose();
}
