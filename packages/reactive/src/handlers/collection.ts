import { batch } from "../signals.js";
import { ABSENT } from "../cells.js";
import { Node } from "../node.js";

/** The node of a Map or Set: `structure` follows the keys or members and their order, and `contents` a Map's values, too. */
export abstract class CollectionNode<Entries extends Map<unknown, unknown> | Set<unknown>> extends Node {
  get entries(): Entries {
    return this.raw as Entries;
  }

  /** After a write: `before` and `after` may be ABSENT. */
  wrote(key: unknown, before: unknown, after: unknown): void {
    if (this.claim !== undefined || this.isRead) this.#announceSoon(key, before, after);
  }

  #announceSoon(key: unknown, before: unknown, after: unknown): void {
    if (this.isQuiet) this.#announce(key, before, after);
    else batch(() => this.#announce(key, before, after));
  }

  #announce(key: unknown, before: unknown, after: unknown): void {
    this.noteKey(key, before, after);
    if (!this.isRead) return;
    batch(() => {
      this.refreshKey(key, before === ABSENT || after === ABSENT);
      this.triggerContents();
    });
  }

  /** Empties it; `items` tells what its `entries` hold. */
  clear(before: readonly unknown[], items: readonly unknown[]): void {
    if (before.length === 0) return;
    this.beforeWrite(undefined, undefined);
    this.entries.clear();
    batch(() => {
      this.claim?.noteClear(before, items);
      this.refresh();
    });
  }

  protected override holds(key: unknown): boolean {
    return this.entries.has(key);
  }
}
