// Flushes, rejected writes, deleteAll(), transactions, wakes in another layout or with other keys, and migrations, in any order and in the middle
// of each other: storage always has what memory had, once it works again.
import { persisted, type PersistedStore } from "@dormouse/do-runtime";
import { MemoryStorage, type MemoryStorageOptions } from "@dormouse/do-runtime/testing";
import { toRaw } from "@dormouse/reactive";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Board, type Change, changes, newBoard, PERSISTED } from "../../support/boards.ts";
import { difference } from "../../support/difference.ts";
import { nextTurn, optionsFor, type Setting, settings } from "../../support/persist-laws.ts";
import { RUNS } from "../../support/runs.ts";

beforeAll(() => void vi.stubGlobal("setTimeout", (run: () => void) => setImmediate(run)));
afterAll(() => void vi.unstubAllGlobals());

type Key = (typeof PERSISTED)[number];
type Step = (life: Life) => unknown;

/** More than a slot of the log takes, than a snapshot pays for, and than a row of a KV-backed object takes. */
const LENGTHS = [1_500, 100_000, 140_000];

const DEFAULT = Symbol("the key's default");
const GONE = Symbol("no key");
const ANYTHING = Symbol("anything");
const UNSTORABLE = Symbol("what can't be stored");

const isSame = (one: unknown, other: unknown): boolean =>
  typeof one === "symbol" || typeof other === "symbol" ? one === other : difference(one, other) === undefined;
const ignore = (): void => {};

/** One object through its wakes, and what its storage may have of each key. */
class Life {
  readonly backend: "sqlite" | "kv";
  readonly #make: (options: MemoryStorageOptions) => MemoryStorage;
  readonly #delays: fc.Stream<number>;
  storage: MemoryStorage;
  #store: PersistedStore<Board> | undefined;
  #keys: readonly Key[] = PERSISTED;
  #version = 0;
  /** How many writes are to fail. */
  failing = 0;
  /** By key: one of these, where there is nothing the default. */
  readonly #stored = new Map<Key, readonly unknown[]>(PERSISTED.map((key) => [key, [DEFAULT]]));
  /** Keys that were changed since. */
  #changed = new Set<Key>();
  /** What keys were when all was deleted: those that are so again need not be written. */
  readonly #emptied = new Map<Key, readonly unknown[]>();

  constructor(
    backend: "sqlite" | "kv",
    make: (options: MemoryStorageOptions) => MemoryStorage,
    delays: fc.Stream<number>,
  ) {
    this.backend = backend;
    this.#make = make;
    this.#delays = delays;
    this.storage = this.#storageWith([]);
  }

  get store(): PersistedStore<Board> {
    if (this.#store === undefined) throw new Error("not open");
    return this.#store;
  }

  /** Answers writes after up to seven microtasks, not always in their order. */
  #storageWith(rows: Iterable<readonly [string, unknown]>): MemoryStorage {
    const settle = async (): Promise<void> => {
      for (let left = this.#delays.next().value ?? 0; left >= 0; left--) await Promise.resolve();
    };
    const storage = this.#make({ backend: this.backend, rows, settle });
    storage.failWhen(({ method }) => method === "put" && this.failing > 0 && this.failing-- > 0);
    return storage;
  }

  /** Opens what is stored, which has to be what it may be. */
  async wake(setting: Setting, keys: readonly Key[], migrates: boolean): Promise<void> {
    if (this.#store !== undefined) {
      await this.settle();
      this.#store.dispose();
    }
    this.storage = this.#storageWith([...this.storage.restart().rows()]);
    this.#keys = keys;
    if (migrates) this.#version++;
    const reported: unknown[] = [];
    this.#store = await persisted(
      this.storage,
      optionsFor(setting, {
        persistedKeys: [...keys],
        version: this.#version,
        ...(migrates && { migrate: ignore }),
        onPersistError: (_, error) => void reported.push(error),
      }),
    );
    if (reported.length > 0) throw new Error(`reported at a wake: ${fc.stringify(reported)}`);
    if (migrates) await this.storage.sync();
    const defaults: Partial<Record<Key, unknown>> = newBoard();
    for (const key of PERSISTED) {
      const found = this.#now(key);
      const expected = keys.includes(key) ? (this.#stored.get(key) ?? []) : [DEFAULT];
      const isRight = expected.some(
        (one) => one === ANYTHING || isSame(found, one === DEFAULT ? defaults[key] : one),
      );
      if (!isRight) throw new Error(`${key}: ${fc.stringify(found)} and none of ${fc.stringify(expected)}`);
      if (keys.includes(key) && !expected.includes(DEFAULT)) this.#stored.set(key, [found]);
    }
  }

  #now(key: Key): unknown {
    const state = toRaw(this.store.state);
    if (!Object.hasOwn(state, key)) return GONE;
    try {
      return structuredClone(state[key]);
    } catch {
      return UNSTORABLE;
    }
  }

  apply(list: readonly Change[]): void {
    for (const { apply } of list) {
      const before = PERSISTED.map((key) => this.#now(key));
      apply(this.store.state);
      for (const [index, key] of PERSISTED.entries())
        if (!isSame(before[index], this.#now(key))) this.#changed.add(key);
    }
  }

  /** What `run` throws undoes it. */
  transaction(list: readonly Change[], throws: boolean): void {
    const before = new Set(this.#changed);
    try {
      this.store.transaction(() => {
        this.apply(list);
        if (throws) throw new Error("no");
      });
    } catch {
      this.#changed = before;
    }
  }

  async deleteAll(): Promise<void> {
    const { dirtyKeys } = this.store;
    const emptied = this.storage.deleteAll();
    for (const key of PERSISTED) {
      this.#stored.set(key, [DEFAULT]);
      this.#emptied.set(key, dirtyKeys.includes(key) ? [ANYTHING] : [this.#now(key)]);
      if (!dirtyKeys.includes(key)) this.#changed.delete(key);
    }
    await emptied;
  }

  /** Storage works again: everything has to be stored that can be. */
  async settle(): Promise<void> {
    this.failing = 0;
    if (this.#now("free") === UNSTORABLE)
      this.apply([{ name: "", apply: (state) => void (state.free = "storable") }]);
    await this.store.flush();
    await nextTurn();
    await this.store.flush();
    const { dirtyKeys } = this.store;
    for (const key of this.#keys) {
      const now = this.#now(key);
      const wasEmptied = this.#emptied.get(key) ?? [];
      if (dirtyKeys.includes(key)) {
        if (!isLarge(now)) throw new Error(`"${key}" is dirty after a flush`);
        this.#stored.set(key, [ANYTHING]);
      } else if (this.#changed.has(key) && !wasEmptied.some((one) => one === ANYTHING || isSame(now, one)))
        this.#stored.set(key, [now]);
      else this.#stored.set(key, [...(this.#stored.get(key) ?? []), now]);
    }
    this.#changed.clear();
    this.#emptied.clear();
    await this.storage.sync();
  }
}

const isLarge = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "text" in value && String(value.text).length >= 140_000;

const set =
  (value: () => unknown): Step =>
  (life) =>
    life.apply([{ name: "", apply: (state) => void (state.free = value()) }]);
const send: Step = (life) => void life.store.beforeSend();

const some = fc.array(changes, { minLength: 1, maxLength: 3 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: some.map((list) => (life: Life) => life.apply(list)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...LENGTHS).map((length) => set(() => ({ text: "x".repeat(length), n: 0 }))),
  },
  { weight: 5, arbitrary: fc.constant(send) },
  { weight: 4, arbitrary: fc.constant((life: Life) => life.store.flush()) },
  { weight: 2, arbitrary: fc.constant(nextTurn) },
  {
    weight: 2,
    arbitrary: fc.nat(5).map((count) => async () => {
      for (let left = count; left >= 0; left--) await Promise.resolve();
    }),
  },
  { weight: 2, arbitrary: fc.nat(3).map((writes) => (life: Life) => void (life.failing = writes)) },
  // Storage alone sees that it can't be cloned; larger than a slot it goes to a row of its own.
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(0, 1_500)
      .map((length) => set(() => ({ text: "x".repeat(length), proxy: new Proxy({}, {}) }))),
  },
  { weight: 1, arbitrary: fc.constant((life: Life) => life.deleteAll()) },
  {
    weight: 1,
    arbitrary: fc.constant((life: Life) =>
      life.storage.transaction(() => life.storage.deleteAll()).catch(ignore),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(some, fc.boolean()).map(
      ([list, throws]) =>
        (life: Life) =>
          life.transaction(list, throws),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(some, fc.boolean()).map(([list, throws]) => async (life: Life) => {
      const transaction = life.storage.transaction(async () => {
        life.apply(list);
        await Promise.resolve();
        if (throws) throw new Error("no");
      });
      await transaction.catch(ignore);
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(settings, fc.oneof(fc.constant(PERSISTED), fc.subarray<Key>([...PERSISTED])), fc.boolean())
      .map(
        ([setting, keys, migrates]) =>
          (life: Life) =>
            life.wake(setting, keys, migrates),
      ),
  },
);

const law = (make: (options: MemoryStorageOptions) => MemoryStorage) =>
  fc.asyncProperty(
    fc.constantFrom("sqlite" as const, "kv" as const),
    fc.array(steps, { minLength: 5, maxLength: 40, size: "max" }),
    fc.infiniteStream(fc.nat(6)),
    async (backend, program, delays) => {
      const life = new Life(backend, make, delays);
      await life.wake({ layout: "keys", commit: "turn" }, PERSISTED, false);
      for (const step of program) await step(life);
      for (const layout of ["keys", "log"] as const)
        await life.wake({ layout, commit: "turn" }, PERSISTED, false);
    },
  );

/** In ms. Long runs take longer. */
const LIMIT = 60_000 + RUNS * 50;

it(
  "[P30] [P35] holds for any interleaving",
  async () => {
    await fc.assert(
      law((options) => new MemoryStorage(options)),
      { numRuns: RUNS },
    );
  },
  LIMIT,
);

/** Says of one put in ten that it was taken, though it was not. */
class LyingStorage extends MemoryStorage {
  #puts = 0;

  override async put(entries: unknown): Promise<void> {
    if (this.#puts++ % 10 !== 9) await super.put(entries as Record<string, unknown>);
  }
}

it(
  "[P30] [P35] would be caught broken",
  async () => {
    const asserted = fc.assert(
      law((options) => new LyingStorage(options)),
      { numRuns: RUNS },
    );

    await expect(asserted).rejects.toThrow("Property failed");
  },
  LIMIT,
);
