// From options to a bound state: what is stored is restored, and what changes from then on is stored.
import { reactive, shallowReactive, trackDirty } from "@dormouse/reactive";
import type { PersistError } from "./errors.ts";
import type { Failures, Gate } from "./failures.ts";
import { open } from "./layout/open.ts";
import { KV_LIMITS, SQLITE_LIMITS } from "./limits.ts";
import type { PersistedOptions, PersistedStore, PersistOptions } from "./persisted.ts";
import { Persister } from "./persister.ts";
import type { Storage } from "./storage.ts";
import { watchTransactions } from "./transactions.ts";
import { inspect } from "./values/encode.ts";
import { ownValue } from "./values/own-value.ts";
import { write } from "./write.ts";

/** A state bound to storage, for who has ears of his own. */
export interface BoundState<State extends object> extends Omit<
  PersistedStore<State>,
  "beforeSend" | "flush"
> {
  /** When what has changed until now is stored, or has failed; undefined: it is already. Never rejects. */
  readonly settled: Gate;
  /** Resolves when everything changed so far is durable, or to the error of what is unsaved. */
  flush(): Promise<PersistError | undefined>;
}

/** Restores a state and stores every change of it; what can't be stored is noted in `failures`, unless `throwOnError` is false. */
export async function bind<State extends object>(
  storage: Storage,
  options: PersistedOptions<State>,
  failures: Failures,
): Promise<BoundState<State>> {
  // Spread, since a program without types may leave them out.
  const {
    state: given,
    persistedKeys,
    persistOptions = {},
    commit = "turn",
    layout = "keys",
    version = 0,
    onPersistError = logPersistError,
    schedule = (flush: () => void) => setTimeout(flush, 0),
    migrate,
    onFlush,
    ...rest
  } = { ...options };
  const { shallow = true, throwOnError = true, ...others } = Object(persistOptions) as PersistOptions;
  const functions = { onPersistError, schedule, migrate, onFlush };
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
    Object.values(functions).some((option) => option !== undefined && typeof option !== "function") ||
    Object(persistOptions) !== persistOptions ||
    Object.keys({ ...rest, ...others }).length > 0
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
      functions,
      persistOptions,
      others,
      rest,
    });
  }
  const keySet: ReadonlySet<string> = new Set(keys);
  const watch = watchTransactions(storage);
  const isSqlite = watch.sqlite !== undefined;
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
  if ((persistedKeys ?? keys[0]) === undefined || keys.some((key) => !Object.hasOwn(raw, key))) {
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

  // Restored values are in place before the tracker is: it sees only what the program changes.
  if (opened.values.size > 0) watch.noteRows();
  const state = shallow ? shallowReactive(raw) : reactive(raw);
  const tracker = trackDirty(raw, {
    shallow,
    keys: keySet,
    refuse: throwOnError ? inspect : undefined,
    // At the change itself: the effect that schedules the flush runs at the end of a batch, and something may be sent inside it.
    onDirty: commit === "turn" && isSqlite && keySet.size > 0 ? () => watch.takeGate() : undefined,
  });
  const persister = new Persister({
    storage,
    tracker,
    layout: await opened.layoutOf(raw, shallow),
    keys: keySet,
    commit,
    schedule,
    throwOnError,
    failures,
    valueOf: (key) => ownValue(raw, key),
    report,
    watch,
    onFlush,
  });
  persister.rewriteWithNext(opened.rewrite);
  if (watch.isShared) {
    const { warnOfSecond } = await import("./layout/seldom.ts");
    warnOfSecond(storage);
  }

  return {
    // No property: who assigned another object to it would change what is never stored.
    get state() {
      return state;
    },
    stats: persister.stats,
    unsaved: persister.unsaved,
    get isDirty() {
      return persister.isDirty;
    },
    get dirtyKeys() {
      return persister.dirtyKeys;
    },
    flush: () => persister.flush(),
    settled: () => persister.settled(),
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
