import { batch, type Signal } from "./signals.js";
import type { Claim, Claimable } from "./claim.js";
import { saveContent } from "./content.js";
import type { Node } from "./node.js";
import type { ArrayRecord, KeyRecord } from "./record.js";
import { type Journal, running } from "./running.js";

interface SavedContent {
  readonly restore: () => void;
  readonly moves: readonly (object | undefined)[];
}

interface SavedMarks {
  readonly isDirty: boolean;
  readonly record: KeyRecord | ArrayRecord | undefined;
  readonly dirtyChild: Claimable | undefined;
  readonly dirtyChildren: Set<Claimable> | undefined;
  readonly isPartlyTaken: boolean;
}

function childrenOf(claim: Claim): [object, unknown][] {
  const children: [object, unknown][] = [];
  claim.eachChild((value, key) => children.push([value, key]));
  return children;
}

/** The signals that move with any of a node's changes. */
function moversOf(node: Node): (Signal<object> | undefined)[] {
  return [node.keySignals?.structure, node.keySignals?.contents];
}

/** The signals of keys say what is there again, and the others what they said before. */
function restoreSignals(node: Node, moves: SavedContent["moves"]): void {
  node.refreshCells();
  for (const [index, mover] of moversOf(node).entries()) {
    // One that is new since then was read in the meantime, and what was read is gone.
    if (mover !== undefined) mover.value = moves[index] ?? {};
  }
}

/** Remembers each node, and what is marked on it, as it was before the first change of the transaction. */
class TransactionJournal implements Journal {
  readonly #contents = new Map<Node, SavedContent>();
  readonly #marks = new Map<Claimable, SavedMarks>();
  readonly #undo: (() => void)[] = [];

  beforeWrite(node: Node): void {
    if (this.#contents.has(node)) return;
    this.#contents.set(node, {
      restore: saveContent(node.raw, node.isBare),
      moves: moversOf(node).map((mover) => mover?.peek()),
    });
  }

  beforeMark(claim: Claim): void {
    if (this.#marks.has(claim.node)) return;
    const { isDirty, record, dirtyChild, dirtyChildren, isPartlyTaken } = claim;
    this.#marks.set(claim.node, {
      isDirty,
      record: record?.copy(),
      dirtyChild,
      dirtyChildren: dirtyChildren && new Set(dirtyChildren),
      isPartlyTaken,
    });
    for (const tracker of claim.trackers ?? []) this.#undo.push(tracker.save());
  }

  onRollback(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** What an inner transaction changed, the outer one may still have to take back. */
  mergeInto(outer: TransactionJournal): void {
    for (const [node, saved] of this.#contents)
      if (!outer.#contents.has(node)) outer.#contents.set(node, saved);
    for (const [node, saved] of this.#marks) if (!outer.#marks.has(node)) outer.#marks.set(node, saved);
    // Not as arguments of one call, of which there can't be so many.
    for (const undo of this.#undo) outer.#undo.push(undo);
  }

  rollback(): void {
    const claimed = [...this.#contents.keys()].flatMap((node) => {
      const { claim } = node;
      return claim === undefined ? [] : [{ claim, before: childrenOf(claim) }];
    });
    for (const undo of this.#undo.toReversed()) undo();
    for (const [node, { restore }] of this.#contents) {
      restore();
      node.restored();
    }
    // What is dirty marks whatever it comes to stand in.
    for (const [{ claim }, { isDirty }] of this.#marks) if (claim !== undefined) claim.isDirty = isDirty;
    // All links that come back are made before the first is cut, so that nothing is let go of on the way.
    for (const { claim } of claimed) for (const [value, key] of childrenOf(claim)) claim.attach(value, key);
    for (const { claim, before } of claimed) for (const [value] of before) claim.detach(value);
    for (const [{ claim }, marks] of this.#marks) {
      if (claim === undefined) continue;
      Object.assign(claim, marks);
      claim.makeLoud();
    }
    for (const [node, { moves }] of this.#contents) {
      node.claim?.unsnap();
      restoreSignals(node, moves);
    }
  }
}

/**
 * Runs `change` and, if it throws, puts everything back as it was: values, order of keys, what trackers found changed.
 * Nobody is notified before it ends, nor ever of a change that was taken back. Returns what `change` returns, and throws what it throws.
 *
 * `change` must be synchronous: if it returns a promise, everything is taken back and a TypeError thrown. Transactions nest; an inner one that
 * throws takes back its own changes.
 *
 * ```ts
 * transaction(() => {
 *   from.balance -= amount;
 *   to.balance += amount;
 *   if (from.balance < 0) throw new Error("not enough");
 * });
 * ```
 */
export function transaction<T>(change: () => T): T {
  return batch(() => {
    const outer = running.transaction as TransactionJournal | undefined;
    const journal = new TransactionJournal();
    running.transaction = journal;
    try {
      const result = change();
      if (typeof (result as { then?: unknown } | undefined | null)?.then === "function") {
        throw new TypeError(
          "[reactive] transaction() was given an asynchronous function, which it can't take back; await first, then change the state in it",
        );
      }
      if (outer !== undefined) journal.mergeInto(outer);
      return result;
    } catch (error) {
      // Taking back is no change of its own.
      running.transaction = undefined;
      journal.rollback();
      throw error;
    } finally {
      running.transaction = outer;
    }
  });
}
