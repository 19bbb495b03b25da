// An object's state as connections and rooms use it: opened from a definition, and begun anew when the object is destroyed.
import { toRaw } from "@dormouse/reactive";
import { watchTransactions } from "./transactions.ts";
import { type PersistedOptions, type PersistedStore, persisted } from "./persisted.ts";

/** `PersistedStore`, with what an object's end needs. */
export interface OpenStore<State extends object> extends Pick<
  PersistedStore<State>,
  "flush" | "beforeSend" | "transaction" | "stats" | "dirtyKeys"
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
): Promise<OpenStore<State>> {
  let store = await persisted(storage, options);
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
    flush: () => store.flush(),
    transaction: (fn) => store.transaction(fn),
    beforeSend: () => store.beforeSend(),
    copy: () => structuredClone(toRaw(store.state)),
    async erase() {
      store.dispose();
      try {
        await storage.deleteAll();
      } finally {
        // Also where it failed: else changes would be told of, and never stored.
        store = await persisted(storage, options);
      }
    },
  };
}
