import { reactive, shallowReactive, trackDirty } from "@dormouse/reactive";
import type { PersistError } from "./errors.ts";
import type { LayoutName } from "./layout/meta.ts";
import type { Migrate } from "./layout/layout.ts";
import { open } from "./layout/open.ts";
import { KV_LIMITS, SQLITE_LIMITS } from "./limits.ts";
import { type Commit, type Flush, Persister, type PersistStats } from "./persister.ts";
import { isSqliteBacked, type Storage } from "./storage.ts";
import { watchTransactions } from "./transactions.ts";
import { inspect } from "./values/encode.ts";
import { ownValue } from "./values/own-value.ts";
import { write } from "./write.ts";

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
  /** The keys that are stored. Default: all keys of `state`. */
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
  // Spread, since a program without types may leave them out.
  const { state: given, persistedKeys, persistOptions, migrate, schedule, onFlush, ...rest } = { ...options };
  const { shallow = true, throwOnError = true } = persistOptions ?? {};
  const { commit = "turn", layout = "keys", version = 0, onPersistError = logPersistError } = rest;
  const raw = initialState(given);
  const keys = persistedKeys ?? Object.keys(raw ?? {});
  if (
    typeof (storage as Storage | undefined)?.transaction !== "function" ||
    !isState(raw) ||
    !areKeys(keys) ||
    (commit !== "turn" && commit !== "group") ||
    (layout !== "keys" && layout !== "log") ||
    typeof shallow !== "boolean" ||
    typeof throwOnError !== "boolean" ||
    !Number.isFinite(version) ||
    "shallow" in rest
  ) {
    const { wrongOption } = await import("./layout/seldom.ts");
    throw wrongOption({
      storage,
      made: raw,
      state: given,
      persistedKeys,
      commit,
      layout,
      version,
      switches: { shallow, throwOnError },
      rest,
    });
  }
  const keySet: ReadonlySet<string> = new Set(keys);
  const watch = watchTransactions(storage);
  const isSqlite = isSqliteBacked(storage);
  const opened = await open(storage, {
    keys: [...keySet],
    layout,
    version,
    migrate,
    limits: isSqlite ? SQLITE_LIMITS : KV_LIMITS,
    write: async (batch) => write(storage, batch, watch, true),
  });
  for (const [key, value] of opened.values) setOwn(raw, key, value);
  for (const key of opened.deleted) Reflect.deleteProperty(raw, key);
  if (keys.some((key) => !Object.hasOwn(raw, key))) {
    const { warnOfUnset } = await import("./layout/seldom.ts");
    warnOfUnset(raw, keys, opened.deleted);
  }
  const report = (key: string, error: PersistError): void => {
    try {
      onPersistError(key, error);
    } catch (thrown) {
      // It hears of a failure while the other keys are being written: these must not be lost to what it throws.
      console.error(thrown);
    }
  };
  for (const [key, error] of opened.errors) report(key, error);

  const refuse = (value: unknown, path: readonly unknown[]): void => {
    if (throwOnError && typeof path[0] === "string" && keySet.has(path[0])) inspect(value, path);
  };
  // Restored values are in place before the tracker is: it sees only what the program changes.
  if (opened.values.size > 0) watch.noteRows();
  const state = shallow ? shallowReactive(raw) : reactive(raw);
  const tracker = trackDirty(raw, {
    shallow,
    refuse,
    // At the change itself: the effect that schedules the flush runs at the end of a batch, and something may be sent inside it.
    onDirty: () => {
      if (commit === "turn" && isSqlite) watch.takeGate();
    },
  });
  const persister = new Persister({
    storage,
    tracker,
    layout: await opened.layoutOf(raw, shallow),
    keys: keySet,
    commit,
    schedule: schedule ?? ((flush) => setTimeout(flush, 0)),
    throwOnError,
    valueOf: (key) => ownValue(raw, key),
    report,
    watch,
    onFlush,
  });
  persister.rewriteWithNext(opened.rewrite);

  return {
    state,
    stats: persister.stats,
    get isDirty() {
      return persister.isDirty;
    },
    get dirtyKeys() {
      return persister.dirtyKeys;
    },
    flush: () => persister.flush(),
    beforeSend: () => persister.beforeSend(),
    transaction: (fn) => persister.transaction(fn),
    dispose: () => {
      persister.dispose();
      tracker.dispose();
    },
  };
}

/** Undefined where it can't be cloned, or a clone would be something else. */
function initialState<State extends object>(state: State | (() => State)): State | undefined {
  if (typeof state === "function") return state();
  try {
    inspect(state, []);
    return structuredClone(state);
  } catch {
    return undefined;
  }
}

/** Types are not all there is: a program may have none, or cast. */
function isState<State>(made: State | undefined): made is State {
  return Object.prototype.toString.call(made) === "[object Object]";
}

/** As a key, `__proto__` would read and write the prototype; half a surrogate pair would be stored under another name. */
function areKeys(keys: unknown): boolean {
  return (
    Array.isArray(keys) &&
    keys.every((key) => typeof key === "string" && key !== "__proto__" && key.isWellFormed())
  );
}

function setOwn(raw: object, key: string, value: unknown): void {
  Object.defineProperty(raw, key, { value, writable: true, enumerable: true, configurable: true });
}

export function logPersistError(key: string, error: PersistError): void {
  console.error(`[persist] "${key}":`, error);
}
