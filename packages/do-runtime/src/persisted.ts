import { bind } from "./bind.ts";
import type { PersistError } from "./errors.ts";
import { Failures, Hearer } from "./failures.ts";
import type { LayoutName } from "./layout/meta.ts";
import type { Migrate } from "./layout/layout.ts";
import type { Commit, Flush, PersistStats } from "./persister.ts";
import type { Storage } from "./storage.ts";

/** How changes are followed, and what a failed write does. */
export interface PersistOptions {
  /** Only assignments to top-level keys are stored; `false` stores every nested change. Default: true. */
  readonly shallow?: boolean;
  /** Whether `flush()`, sending, and assigning what can't be stored throw a `PersistError`. Default: true. */
  readonly throwOnError?: boolean;
}

/** What `persisted()` takes. */
export interface PersistedOptions<State extends object> {
  /** The initial state, cloned for each store; or a function that makes it, for state that can't be cloned. */
  readonly state: State | (() => State);
  /** The keys that are stored. Default: those that `state` has; one that is optional, and not there, has to be named. */
  readonly persistedKeys?: readonly (keyof State & string)[];
  readonly persistOptions?: PersistOptions;
  /** Called for each key that can't be written or restored (`""` for what concerns no single key), whatever `throwOnError` says. Default: `console.error`. */
  readonly onPersistError?: (key: string, error: PersistError) => void;
  /** How a flush becomes rows: `"keys"`, one row per key, or `"log"`, one row per flush; any deploy may change it. Default: `"keys"`. */
  readonly layout?: LayoutName;
  /** When a flush happens: `"turn"`, at the end of each turn; `"group"`, once per round of the event loop. Default: `"turn"`. */
  readonly commit?: Commit;
  /** Calls `flush` when the next flush of `commit: "group"` is due. Default: `setTimeout(flush, 0)`. */
  readonly schedule?: (flush: () => void) => void;
  /** The program's version of its state. Default: 0. */
  readonly version?: number;
  /**
   * Called when what is stored is of an older version, before the program sees it. What it makes is written at once, in one piece;
   * if it throws, or makes what can't be written, `persisted()` rejects with `MIGRATION_FAILED` and nothing has changed.
   */
  readonly migrate?: Migrate;
  /** Called at every write, in the turn that submits it, for counting or showing writes, as the inspector does. Must not throw. */
  readonly onFlush?: (flush: Flush) => void;
}

/** A state bound to storage. */
export interface PersistedStore<State extends object> {
  /** The state: change it, and what changed is stored. */
  readonly state: State;
  /** Counts of what was written. */
  readonly stats: Readonly<PersistStats>;
  /** Whether something has changed that no write was submitted for. */
  readonly isDirty: boolean;
  /** The keys that changed since their last write was submitted, or whose write failed. */
  readonly dirtyKeys: readonly string[];
  /** The keys that could not be written, and why. */
  readonly unsaved: ReadonlyMap<string, PersistError>;
  /** Resolves when everything changed so far is durable; rejects with a `PersistError` while anything is unsaved. */
  flush(): Promise<void>;
  /**
   * To be called before sending anything about a change: `undefined` means send now, a promise means await it first.
   *
   * Throws, or rejects with, the `PersistError` of a write that failed since the last call. Inside a `storage.transaction()` don't await it:
   * after a change it resolves when the transaction is over.
   */
  beforeSend(): Promise<void> | undefined;
  /**
   * Runs `fn`, which must be synchronous, and returns what it returns; if it throws, the state and what is dirty are as they were before.
   *
   * What is sent inside leaves when it is over.
   */
  transaction<T>(fn: () => T): T;
  /** Stops following the state; what is dirty is not written. */
  dispose(): void;
}

/**
 * Restores a state from a Durable Object's storage and stores every change of it from then on.
 *
 * By default each key has a row of its own, `_verani_persist:<key>`, and the changes of a turn are written by one put. Bind one store at a time to
 * a storage: a second one would not know what the first has written. Rejects with a `PersistError` when an option is wrong, when `migrate` fails, and
 * when what is stored is of a newer version or its record can't be read.
 *
 * @example
 * const store = await persisted(ctx.storage, { state: { count: 0 } });
 * store.state.count++;
 * await store.flush();
 */
export async function persisted<State extends object>(
  storage: Storage,
  options: PersistedOptions<State>,
): Promise<PersistedStore<State>> {
  const failures = new Failures();
  const hearer = new Hearer(failures);
  const bound = await bind(storage, options, failures);
  const { flush } = bound;
  return Object.assign(bound, {
    async flush() {
      hearer.check(await flush());
    },
    beforeSend() {
      const settled = hearer.ask(bound.settled);
      if (settled === undefined) return undefined;
      // A failure is told to all who wait, and to nobody after them.
      return hearer.after(
        settled,
        () => {},
        () => hearer.catchUp(),
      );
    },
  });
}
