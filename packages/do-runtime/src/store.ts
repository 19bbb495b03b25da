// An object's state as connections and rooms use it: opened from a definition, and begun anew when the object is destroyed.
import { toRaw } from "@dormouse/reactive";
import { watchTransactions } from "./transactions.ts";
import { bind, type BoundState } from "./bind.ts";
import type { Failures } from "./failures.ts";
import type { PersistedOptions } from "./persisted.ts";

/** A bound state, with what an object's end needs. */
export interface OpenStore<State extends object> extends Pick<
  BoundState<State>,
  "flush" | "settled" | "transaction" | "stats" | "dirtyKeys" | "unsaved"
> {
  readonly state: State;
  /** Whether a transaction of the program's is open. */
  readonly isInTransaction: boolean;
  /** The state as plain data of the caller's own. */
  copy(): State;
  /** Deletes everything the object stores, and begins with the initial state again. */
  erase(): Promise<void>;
}

export async function openStore<State extends object>(
  storage: DurableObjectStorage,
  options: PersistedOptions<State>,
  failures: Failures,
): Promise<OpenStore<State>> {
  let store = await bind(storage, options, failures);
  const transactions = watchTransactions(storage);
  return {
    get state() {
      return store.state;
    },
    get isInTransaction() {
      return transactions.isOpen;
    },
    get stats() {
      return store.stats;
    },
    get dirtyKeys() {
      return store.dirtyKeys;
    },
    get unsaved() {
      return store.unsaved;
    },
    flush: () => store.flush(),
    transaction: (fn) => store.transaction(fn),
    settled: () => store.settled(),
    copy: () => structuredClone(toRaw(store.state)),
    async erase() {
      store.dispose();
      try {
        // Before the compatibility date of 2026-02-24 deleteAll() leaves it (developers.cloudflare.com/durable-objects/api/alarms).
        await storage.deleteAlarm();
        await storage.deleteAll();
      } finally {
        // Also where it failed: else changes would be told of, and never stored.
        store = await bind(storage, options, failures);
      }
    },
  };
}
