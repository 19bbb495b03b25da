// What a program does with its storage beside the state, in real objects: rows, SQL and transactions of its own, alarms, deleteAll(), in any order.
import { persisted, type PersistedStore } from "@dormouse/do-runtime";
import { toRaw, touch } from "@dormouse/reactive";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type Board, type Change, changes, PERSISTED } from "../../support/boards.ts";
import { difference } from "../../support/difference.ts";
import { nextTurn, optionsFor, type Setting, settings } from "../../support/persist-laws.ts";
import { newObject } from "./objects.ts";

// Each takes some twenty milliseconds.
const RUNS = 60;

type Backend = "sqlite" | "kv";
type Key = (typeof PERSISTED)[number];

/** The largest value of a row, about. */
const ROW_BYTES = { sqlite: 2_000_000, kv: 131_072 };

const GONE = Symbol("no key");

/** One life of an object, and what it has in storage beside the state. */
class Life {
  readonly storage: DurableObjectStorage;
  readonly store: PersistedStore<Board>;
  readonly theirs: Map<string, unknown>;
  readonly isSqlite: boolean;
  readonly takesLarge: boolean;
  /** Transactions that nobody has waited for. */
  readonly pending: Promise<unknown>[] = [];

  constructor(
    storage: DurableObjectStorage,
    store: PersistedStore<Board>,
    { theirs, backend, setting }: { theirs: Map<string, unknown>; backend: Backend; setting: Setting },
  ) {
    this.storage = storage;
    this.store = store;
    this.theirs = theirs;
    this.isSqlite = backend === "sqlite";
    this.takesLarge = setting.layout === "log";
  }

  apply(list: readonly Change[]): void {
    for (const { apply } of list) apply(this.store.state);
  }

  now(key: Key): unknown {
    const raw = toRaw(this.store.state);
    return Object.hasOwn(raw, key) ? structuredClone(raw[key]) : GONE;
  }

  put(row: string, value: unknown): void {
    this.theirs.set(row, value);
    void this.storage.put(row, value);
  }

  /** A transaction of the program's, in which the state changes, too. */
  async transaction(list: readonly Change[], end: string, row: string): Promise<void> {
    const transaction = this.storage.transaction(async (txn) => {
      this.apply(list);
      void this.store.beforeSend();
      await txn.put(row, end);
      if (end.includes("late")) await nextTurn();
      this.store.state.step++;
      if (end.startsWith("roll back")) txn.rollback();
      else if (end.startsWith("throw")) throw new Error("no");
      else this.theirs.set(row, end);
    });
    await transaction.catch(expectNo);
  }

  /** Nested, of which the inner one throws; with SQL in it. */
  transactionSync(list: readonly Change[], throws: boolean): void {
    const { storage, store } = this;
    const inner = () => {
      store.state.step++;
      void store.beforeSend();
      throw new Error("no");
    };
    const outer = () => {
      storage.sql.exec("create table if not exists own (n integer)");
      storage.sql.exec("insert into own values (1)");
      this.apply(list);
      attempt(() => storage.transactionSync(inner));
      store.state.step++;
      if (throws) throw new Error("no");
    };
    attempt(() => storage.transactionSync(outer));
  }

  async deleteAll(): Promise<void> {
    await this.settle();
    const { state } = this.store;
    const emptied = this.storage.deleteAll();
    this.theirs.clear();
    for (const key of PERSISTED) if (Object.hasOwn(state, key)) touch(state, key);
    state.step++;
    state.text += "!";
    state.free = {};
    // What is changed back before it is written counts as not changed.
    await Promise.all([emptied, this.store.flush()]);
  }

  async settle(): Promise<void> {
    await Promise.all(this.pending.splice(0));
    await this.store.flush();
  }
}

function attempt(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expectNo(error);
  }
}

function expectNo(error: unknown): void {
  if (!(error instanceof Error) || error.message !== "no") throw error;
}

interface Step {
  readonly name: string;
  readonly run: (life: Life) => unknown;
}

const some = fc
  .array(changes, { minLength: 1, maxLength: 3 })
  .map((list) => ({ list, names: list.map(({ name }) => name).join("; ") }));
const rows = fc.constantFrom("theirs 0", "theirs 1", "theirs 2");

const simple: readonly Step[] = [
  { name: "send", run: (life) => void life.store.beforeSend() },
  { name: "flush", run: (life) => life.settle() },
  { name: "next turn", run: nextTurn },
  { name: "next microtask", run: () => Promise.resolve() },
  { name: "deleteAll", run: (life) => life.deleteAll() },
  {
    name: "alarm",
    run: ({ storage }) => void storage.setAlarm(Date.now() + 3_600_000).then(() => storage.deleteAlarm()),
  },
];

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...simple) },
  {
    weight: 6,
    arbitrary: some.map(({ list, names }) => ({ name: names, run: (life: Life) => life.apply(list) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(rows, fc.nat(9))
      .map(([row, n]) => ({ name: `put ${row}`, run: (life: Life) => life.put(row, n) })),
  },
  {
    // Just below the limit, where a row takes it, and above, where it stands in parts.
    weight: 1,
    arbitrary: fc.constantFrom(-500, -100, 5_000).map((by) => ({
      name: `${by} bytes over the row's limit`,
      run({ store, isSqlite, takesLarge }: Life) {
        const length = ROW_BYTES[isSqlite ? "sqlite" : "kv"] + by;
        if (by < 0 || takesLarge) store.state.free = { text: "x".repeat(length) };
      },
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        some,
        fc.constantFrom("commit", "commit late", "throw", "throw late", "roll back", "roll back late"),
        fc.boolean(),
        fc.uuid(),
      )
      .map(([{ list, names }, end, waits, id]) => ({
        name: `transaction, ${end}${waits ? "" : ", not awaited"}: ${names}`,
        run(life: Life) {
          const ended = life.transaction(list, end, `theirs ${id}`);
          if (waits) return ended;
          life.pending.push(ended);
          return undefined;
        },
      })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(some, fc.boolean()).map(([{ list, names }, throws]) => ({
      name: `transactionSync${throws ? ", throws" : ""}: ${names}`,
      run: (life: Life) => life.isSqlite && life.transactionSync(list, throws),
    })),
  },
);

const lives = fc.array(
  fc.record({
    setting: settings,
    isNewVersion: fc.boolean(),
    steps: fc.array(steps, { minLength: 1, maxLength: 15, size: "max" }),
  }),
  { minLength: 1, maxLength: 3 },
);

/** All is read, and written anew. */
const migrate = (): void => {};

/** `begin` gives the storage to the program: as it is, or as a double. */
const law = (begin: (storage: DurableObjectStorage) => DurableObjectStorage) =>
  fc.asyncProperty(fc.constantFrom<Backend>("sqlite", "kv"), lives, async (backend, all) => {
    const object = newObject(backend);
    const theirs = new Map<string, unknown>();
    let expected: ReadonlyMap<Key, unknown> | undefined;
    let version = 0;
    const layouts = (["keys", "log", "keys"] as const).map((layout) => ({ layout, commit: "turn" }) as const);
    const wakes = layouts.map((setting) => ({ setting, isNewVersion: false, steps: [] }));
    for (const { setting, isNewVersion, steps } of [...all, ...wakes]) {
      if (isNewVersion) version++;
      await object.run(async (storage) => {
        const used = begin(storage);
        const store = await persisted(storage, optionsFor(setting, { version, migrate }));
        const life = new Life(used, store, { theirs, backend, setting });
        for (const [key, value] of expected ?? []) {
          const at = value === GONE ? value !== life.now(key) : difference(life.now(key), value);
          if (at !== undefined && at !== false) throw new Error(`${key}: ${String(at)}`);
        }
        const found = await storage.list({ prefix: "theirs" });
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(theirs));
        for (const { run } of steps) await run(life);
        await life.settle();
        expect(store.dirtyKeys.filter((key) => key !== "free" || life.takesLarge)).toEqual([]);
        // A value in parts that changed under "keys" has no room there.
        if (store.isDirty) store.state.free = "small";
        await life.settle();
        expected = new Map(PERSISTED.map((key) => [key, life.now(key)]));
      });
      await object.evict();
    }
  });

it("[P22] [P25] [P30] what a program does with its storage beside the state takes nothing of either", async () => {
  await fc.assert(
    law((storage) => storage),
    { numRuns: RUNS },
  );
}, 120_000);

/** Whose transactions nobody knows of. */
function unwatched(storage: DurableObjectStorage): DurableObjectStorage {
  const prototype = Object.getPrototypeOf(storage) as DurableObjectStorage;
  return new Proxy(storage, {
    get(target, name) {
      const from: unknown = Reflect.get(
        name.toString().startsWith("transaction") ? prototype : target,
        name,
        target,
      );
      return typeof from === "function" ? (from.bind(target) as unknown) : from;
    },
  });
}

it("[P22] would be caught where a flush may become part of a transaction", async () => {
  const asserted = fc.assert(law(unwatched), { numRuns: 1_000, endOnFailure: true });

  await expect(asserted).rejects.toThrow("Property failed");
}, 120_000);
