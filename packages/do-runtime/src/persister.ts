import { type DirtyTracker, transaction } from "@dormouse/reactive";
import { PersistError, toError } from "./errors.ts";
import type { Failures } from "./failures.ts";
import type { Change, Layout, Plan } from "./layout/layout.ts";
import { countRows } from "./layout/rows.ts";
import type { Storage } from "./storage.ts";
import type { TransactionWatch } from "./transactions.ts";
import { inspect } from "./values/encode.ts";
import { write } from "./write.ts";

/** When changes are put: at the end of the turn, or once for all of the next event-loop turn. */
export type Commit = "turn" | "group";

/** What was written so far. */
export interface PersistStats {
  /** Flushes that had something to write. */
  flushes: number;
  /** Writes submitted: one a flush, however many keys it has. */
  puts: number;
  /** Keys written, summed over the flushes. */
  keys: number;
  /** Rows written and deleted; under the layout "log" mostly one a flush. */
  rows: number;
  /** Keys that could not be written, summed over the flushes. */
  failures: number;
}

/** A write, as `onFlush` hears of it in the turn that submits it; the values are live ones. */
export interface Flush {
  /** The keys written, and what changed in each. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly puts: ReadonlyMap<string, unknown>;
  readonly deletes: ReadonlySet<string>;
  /** Measures the values, serialized; to be asked in the same turn. */
  bytes(): number;
  /** Whether storage took the write. */
  readonly stored: Promise<boolean>;
}

export interface PersisterOptions {
  readonly storage: Storage;
  readonly tracker: DirtyTracker;
  readonly layout: Layout;
  readonly keys: ReadonlySet<string>;
  readonly commit: Commit;
  /** Runs the flush of a group commit in a later event-loop turn. */
  readonly schedule: (flush: () => void) => void;
  readonly throwOnError: boolean;
  readonly failures: Failures;
  readonly valueOf: (key: string) => unknown;
  readonly report: (key: string, error: PersistError) => void;
  readonly watch: TransactionWatch;
  readonly onFlush: ((flush: Flush) => void) | undefined;
}

/** Owns what is dirty: gathers it, plans and submits the writes, and keeps what failed for the next flush. */
export class Persister {
  readonly stats: PersistStats = { flushes: 0, puts: 0, keys: 0, rows: 0, failures: 0 };
  /** The keys that could not be written, and why. */
  readonly unsaved = new Map<string, PersistError>();
  readonly #options: PersisterOptions;
  readonly #settledAlready = Promise.resolve();
  /** The last write that was answered by a promise. */
  #answered: Promise<unknown> = this.#settledAlready;
  /** Keys whose write failed: they go whole with the next flush. */
  readonly #failed = new Set<string>();
  /** Keys to be written with the next flush that has something to write. */
  readonly #withNext = new Set<string>();
  /** Keys whose value storage couldn't clone though nothing wrong was seen in it, as a foreign proxy. */
  readonly #suspects = new Set<string>();
  /** How many of `transaction()` are running. */
  #transactions = 0;
  /** How many writes storage hasn't answered yet. */
  #inFlight = 0;
  /** For those who wait until there are none. */
  #landing: PromiseWithResolvers<void> | undefined;
  #isScheduled = false;
  /** For those who wait for the scheduled flush. */
  #scheduled: PromiseWithResolvers<void> | undefined;
  #layout: Layout;
  readonly #stop: () => void;
  #isDisposed = false;

  constructor(options: PersisterOptions) {
    this.#options = options;
    this.#layout = options.layout;
    this.#stop = options.watch.listen({
      beforeTransaction: () => this.submit(),
      forget: () => {
        const layout = this.#layout;
        const emptied = (this.#layout = layout.emptied());
        const { puts } = this.stats;
        return () => {
          if (this.#layout === emptied && this.stats.puts === puts) this.#layout = layout;
          // What was written meanwhile has put the rows before it out of use.
          else this.rewriteWithNext(options.keys);
        };
      },
    });
    let isFirst = true;
    // An effect: it runs when the root goes from clean to dirty, at the end of the batch that did it. It ends with the tracker.
    options.tracker.version.subscribe(() => {
      if (!isFirst) this.#schedule();
      isFirst = false;
    });
  }

  get isDirty(): boolean {
    return this.#hasChanged() || this.#failed.size > 0;
  }

  /** The keys that changed since their last write was submitted, or whose write failed. */
  get dirtyKeys(): string[] {
    const { tracker, keys } = this.#options;
    return [...keys].filter((key) => tracker.keys().has(key) || this.#failed.has(key));
  }

  /** Runs `fn`; if it throws, the state and what is dirty are as they were before. */
  transaction<T>(fn: () => T): T {
    this.#transactions++;
    try {
      return transaction(fn);
    } finally {
      this.#transactions--;
    }
  }

  /** Has the keys written whole with the next flush that has something to write. */
  rewriteWithNext(keys: Iterable<string>): void {
    for (const key of keys) this.#withNext.add(key);
  }

  /** When what has changed until now is stored, or has failed; undefined: it is already. Never rejects: `failures` says whether. */
  settled(): Promise<void> | undefined {
    if (this.#options.commit === "turn" && !this.#isHeld()) {
      this.submit();
      // The gate holds what is sent until the commit; whether the put was taken at all, storage says a few microtasks later.
      return this.#landed();
    }
    // A change schedules the flush by itself, so that nothing has to be gathered to know of one.
    if (!this.#isScheduled && this.#hasChanged()) this.#schedule();
    return this.#isScheduled ? this.#flushed() : this.#landed();
  }

  /** Resolves when everything changed until now is durable, or to the error of what is unsaved. */
  async flush(): Promise<PersistError | undefined> {
    const { storage, throwOnError, watch } = this.#options;
    if (watch.isOpen) {
      const error = new PersistError("TRANSACTION_OPEN", {
        message:
          "flush() was called while a storage transaction is open, whose rollback would undo it; call it after the transaction",
      });
      if (throwOnError) throw error;
      return undefined;
    }
    // A transaction of the state is synchronous: it is over in the next microtask.
    if (this.#isHeld()) await Promise.resolve();
    this.submit();
    await this.#landed();
    let failed: PersistError | undefined;
    try {
      await storage.sync();
    } catch (cause) {
      this.#fail([], (failed = storageFailed(undefined, cause)));
    }
    const [error = failed] = this.unsaved.values();
    return throwOnError ? error : undefined;
  }

  /** Submits the write of all that is dirty, in this very turn. */
  submit(): void {
    const { storage, tracker, watch, onFlush } = this.#options;
    if (this.#isHeld() || this.#isDisposed) return;
    // Most often asked for nothing: what was sent in the turn has flushed it already.
    if (!tracker.isDirty && this.#failed.size === 0) return;
    const fresh = this.#takeChanges();
    if (fresh.size + this.#failed.size === 0) return;
    const changes = this.#withUnsaved(fresh);
    const uncloneable = this.#takeUncloneable(changes);
    const plan = this.#layout.plan(changes);
    const rows = countRows(plan.batch);
    const isAlone = this.#inFlight === 0;
    const stored = rows > 0 && this.#follow(plan, rows, write(storage, plan.batch, watch, isAlone), isAlone);
    // Told only now: what `onPersistError` changes, and has written at once, must not come before what was planned here.
    this.#refuse(uncloneable, fresh);
    this.#refuse(plan.refused, fresh);
    if (onFlush === undefined || rows === 0) return;
    const puts = new Map(Object.entries(plan.batch.puts));
    const included = new Map(plan.keys.map((key) => [key, changes.get(key) ?? whole]));
    const bytes = () => puts.values().reduce<number>((sum, value) => sum + inspect(value, []).bytes, 0);
    onFlush({ changes: included, puts, deletes: plan.batch.deletes, bytes, stored: Promise.resolve(stored) });
  }

  /** What storage shares the fate of, or the state may take back: nothing is to be submitted now. */
  #isHeld(): boolean {
    return this.#options.watch.isOpen || this.#transactions > 0;
  }

  /** Takes the changes, which have to be planned in this very turn: the patches hold live values. The tracker's keys are strings. */
  #takeChanges(): Map<string, Change> {
    return this.#options.tracker.take() as Map<string, Change>;
  }

  /** The changes, and the keys that are to go along with them, whole. */
  #withUnsaved(fresh: Map<string, Change>): Map<string, Change> {
    if (this.#failed.size + this.#withNext.size === 0) return fresh;
    const changes = new Map(fresh);
    for (const key of [...this.#failed, ...this.#withNext]) changes.set(key, whole);
    this.#failed.clear();
    this.#withNext.clear();
    return changes;
  }

  #refuse(refused: ReadonlyMap<string, PersistError>, fresh: ReadonlyMap<string, Change>): void {
    for (const [key, error] of refused) {
      this.#failed.add(key);
      // Told again only if there is news.
      if (fresh.has(key) || this.unsaved.get(key)?.message !== error.message) this.#fail([key], error);
    }
  }

  /** Takes out what would have the whole put rejected. */
  #takeUncloneable(changes: Map<string, Change>): Map<string, PersistError> {
    const found = new Map<string, PersistError>();
    for (const key of this.#suspects) {
      if (!changes.has(key)) continue;
      const error = cloneError(key, this.#options.valueOf(key));
      if (error === undefined) this.#suspects.delete(key);
      else found.set(key, error);
    }
    for (const key of found.keys()) changes.delete(key);
    return found;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stop();
  }

  /** Follows a write to its end; answers whether what the plan holds is stored, at once where that is known already. */
  #follow(
    plan: Plan,
    rows: number,
    written: Promise<void> | undefined,
    isAlone: boolean,
  ): boolean | Promise<boolean> {
    this.stats.flushes++;
    this.stats.puts++;
    this.stats.keys += plan.keys.length;
    this.stats.rows += rows;
    if (written === undefined) return this.#onTaken(plan);
    this.#inFlight++;
    const onTaken = () => this.#land(this.#onTaken(plan));
    const onRejected = (cause: unknown) => this.#land(this.#onRejected(plan, cause));
    // In their order, since a flush of a log builds on the one before: a write of several calls may be answered after the next.
    const answered = isAlone
      ? written.then(onTaken, onRejected)
      : Promise.allSettled([written, this.#answered]).then(([answer]) =>
          answer.status === "fulfilled" ? onTaken() : onRejected(answer.reason),
        );
    this.#answered = answered;
    return answered;
  }

  #land(isStored: boolean): boolean {
    this.#inFlight--;
    if (this.#inFlight > 0) return isStored;
    this.#landing?.resolve();
    this.#landing = undefined;
    return isStored;
  }

  #onTaken(plan: Plan): boolean {
    if (!plan.settle(true)) {
      this.#onLost(plan.keys, new Error("the write before it, which it builds on, was rejected"));
      return false;
    }
    if (this.unsaved.size > 0) {
      for (const key of plan.keys) if (!this.#failed.has(key)) this.unsaved.delete(key);
    }
    return true;
  }

  #onRejected(plan: Plan, cause: unknown): false {
    plan.settle(false);
    const uncloneable = plan.keys.filter((key) => cloneError(key, this.#options.valueOf(key)) !== undefined);
    if (uncloneable.length === 0) {
      this.#onLost(plan.keys, cause);
      return false;
    }
    // The others are put again at once, without them.
    for (const key of uncloneable) this.#suspects.add(key);
    for (const key of plan.keys) this.#failed.add(key);
    if (!this.#isHeld()) this.submit();
    else {
      this.#schedule();
      // Whoever waits for this write waits for that flush.
      this.#landing?.resolve(this.#flushed());
      // With the same promise, who waits from now on for what is still in flight, and that flush, would wait for each other.
      this.#landing = undefined;
    }
    return false;
  }

  #onLost(keys: readonly string[], cause: unknown): void {
    for (const key of keys) {
      this.#failed.add(key);
      this.#fail([key], storageFailed(key, cause));
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A settled promise's reaction is the same microtask as queueMicrotask's, which in workerd is a slower call.
    if (this.#options.commit === "turn") void this.#settledAlready.then(this.#runNext);
    else this.#options.schedule(this.#runNext);
  }

  readonly #runNext = (): void => {
    const { watch } = this.#options;
    if (watch.isOpen) {
      void watch.closed().then(this.#runNext);
      return;
    }
    const scheduled = this.#scheduled;
    this.#scheduled = undefined;
    this.#isScheduled = false;
    this.submit();
    scheduled?.resolve(this.#landed());
  };

  /** When the scheduled flush has landed. */
  #flushed(): Promise<void> {
    return (this.#scheduled ??= Promise.withResolvers()).promise;
  }

  /** When storage has answered what is in flight; undefined: nothing is. */
  #landed(): Promise<void> | undefined {
    return this.#inFlight > 0 ? (this.#landing ??= Promise.withResolvers()).promise : undefined;
  }

  #hasChanged(): boolean {
    return this.#options.tracker.keys().size > 0;
  }

  #fail(keys: readonly string[], error: PersistError): void {
    this.stats.failures += keys.length;
    for (const key of keys) this.unsaved.set(key, error);
    const { throwOnError, failures, report } = this.#options;
    if (throwOnError) failures.note(error);
    report(keys[0] ?? "", error);
  }
}

const whole: Change = { patches: null };

function cloneError(key: string, value: unknown): PersistError | undefined {
  try {
    structuredClone(value);
    return undefined;
  } catch (cause) {
    return new PersistError("VALUE_NOT_STORABLE", {
      key,
      message: `"${key}" holds something that can't be cloned (${toError(cause).message}), perhaps a proxy of another library; assign a plain object`,
      cause,
    });
  }
}

function storageFailed(key: string | undefined, cause: unknown): PersistError {
  const what = key === undefined ? "the state" : `"${key}"`;
  return new PersistError("STORAGE_FAILED", {
    key,
    message: `storage rejected the write of ${what}: ${toError(cause).message}; it stays dirty and goes with the next flush`,
    cause,
  });
}
