// What `beforeSend()` lets out, and `flush()` confirms, is stored, whatever writes fail, however late they are answered, and whatever is rolled back.
import { persisted, type PersistedOptions, type PersistedStore } from "@dormouse/do-runtime";
import { MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { nextTurn, type Setting, settings } from "../../support/persist-laws.ts";
import { RUNS } from "../../support/runs.ts";

const KEYS = ["a", "b", "c"] as const;
type Key = (typeof KEYS)[number];
/** Numbers that only grow: what is stored is as late as what was told, or later. */
type Counts = Record<Key, { n: number; text: string }>;
type Backend = "sqlite" | "kv";

const newCounts = (): Counts => ({ a: { n: 0, text: "" }, b: { n: 0, text: "" }, c: { n: 0, text: "" } });

type Open = (
  storage: MemoryStorage,
  options: PersistedOptions<Counts>,
) => Promise<Pick<PersistedStore<Counts>, "state" | "beforeSend" | "flush">>;

class Life {
  readonly #options: PersistedOptions<Counts>;
  readonly #backend: Backend;
  readonly #storage: MemoryStorage;
  readonly #pending: Promise<unknown>[] = [];
  #store: Awaited<ReturnType<Open>> | undefined;
  #transactions = 0;
  /** How many writes are to fail. */
  failing = 0;
  /** How often a failure was told. Who is let out after that may know of it. */
  #told = 0;
  #isMadeUpFor = true;
  #wrong: string | undefined;

  constructor(backend: Backend, setting: Setting, delays: fc.Stream<number>) {
    this.#backend = backend;
    this.#options = {
      ...setting,
      state: newCounts,
      persistOptions: { shallow: false },
      schedule: (flush) => void setImmediate(flush),
      onPersistError() {},
    };
    const settle = async (): Promise<void> => {
      for (let left = delays.next().value ?? 0; left > 0; left--) await Promise.resolve();
    };
    this.#storage = new MemoryStorage({ backend, settle });
    this.#storage.failWhen(({ method }) => method === "put" && this.failing > 0 && this.failing-- > 0);
  }

  async open(open: Open): Promise<void> {
    this.#store = await open(this.#storage, this.#options);
  }

  get store(): Awaited<ReturnType<Open>> {
    if (this.#store === undefined) throw new Error("not open");
    return this.#store;
  }

  get isInTransaction(): boolean {
    return this.#transactions > 0;
  }

  change(key: Key, length: number): void {
    const { state } = this.store;
    if (length > 0) state[key] = { n: state[key].n, text: "x".repeat(length) };
    state[key].n++;
  }

  async send(waits: boolean): Promise<void> {
    const expected = this.#expected();
    try {
      const safe = this.store.beforeSend();
      const sent = safe === undefined ? expected() : safe.then(expected, this.#onFailure);
      this.#pending.push(sent);
      if (waits && !this.isInTransaction) await sent;
    } catch {
      this.#onFailure();
    }
  }

  async flush(): Promise<void> {
    if (this.isInTransaction) return;
    const expected = this.#expected();
    await this.store.flush().then(() => {
      this.#isMadeUpFor = true;
      return expected();
    }, this.#onFailure);
  }

  /** A transaction of the program's, in which the state changes, too. */
  transaction(key: Key, isSlow: boolean, end: string): void {
    this.#transactions++;
    const closure = async () => {
      this.change(key, 0);
      if (isSlow) await nextTurn();
      if (end === "throw") throw new Error("no");
    };
    const ended = this.#storage
      .transaction(closure)
      .catch(() => {})
      .finally(() => this.#transactions--);
    this.#pending.push(ended);
  }

  /** To the end, when storage works again. */
  async settle(): Promise<void> {
    this.failing = 0;
    await Promise.all(this.#pending);
    await nextTurn();
    await this.flush();
    this.#isMadeUpFor = false;
    await this.flush();
    if (!this.#isMadeUpFor) this.#wrong ??= "a flush failed though storage works again";
    if (this.#wrong !== undefined) throw new Error(this.#wrong);
  }

  readonly #onFailure = (): void => {
    this.#told++;
    this.#isMadeUpFor = false;
  };

  /** To be called when what is told of the state now is let out: it has to be what a wake would find. */
  #expected(): () => Promise<void> {
    const { state } = this.store;
    const counts = KEYS.map((key) => state[key].n);
    const told = this.#told;
    return async () => {
      if (!this.#isMadeUpFor || told !== this.#told) return;
      const rows = structuredClone(this.#storage.rows());
      const woken = await persisted(memoryStorage({ backend: this.#backend, rows }), this.#options);
      for (const [at, key] of KEYS.entries())
        if (woken.state[key].n < (counts[at] ?? 0))
          this.#wrong ??= `"${key}" was ${counts[at]}, stored is ${woken.state[key].n}`;
    };
  }
}

const key = fc.constantFrom(...KEYS);

const steps: fc.Arbitrary<(life: Life) => unknown> = fc.oneof(
  {
    weight: 8,
    // More than a slot of a log takes, and than pays for a snapshot.
    arbitrary: fc.tuple(key, fc.constantFrom(0, 0, 0, 0, 1_500, 100_000)).map(
      ([changed, length]) =>
        (life: Life) =>
          life.change(changed, length),
    ),
  },
  { weight: 6, arbitrary: fc.boolean().map((waits) => (life: Life) => life.send(waits)) },
  { weight: 2, arbitrary: fc.constant((life: Life) => life.flush()) },
  { weight: 2, arbitrary: fc.nat(3).map((writes) => (life: Life) => void (life.failing = writes)) },
  { weight: 2, arbitrary: fc.constant(nextTurn) },
  { weight: 2, arbitrary: fc.constant(() => Promise.resolve()) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, fc.boolean(), fc.constantFrom("commit", "throw")).map(
      ([changed, isSlow, end]) =>
        (life: Life) =>
          life.transaction(changed, isSlow, end),
    ),
  },
);

const law = (open: Open) =>
  fc.asyncProperty(
    fc.constantFrom<Backend>("sqlite", "kv"),
    settings,
    fc.array(steps, { minLength: 5, maxLength: 30, size: "max" }),
    fc.infiniteStream(fc.nat(6)),
    async (backend, setting, program, delays) => {
      const life = new Life(backend, setting, delays);
      await life.open(open);
      for (const step of program) await step(life);
      await life.settle();
    },
  );

it("[P18] [P23] [P34] holds for any interleaving", async () => {
  await expect(fc.assert(law(persisted), { numRuns: RUNS / 4 })).resolves.toBeUndefined();
});

/** Lets out at once what it should hold. */
const hasty: Open = async (storage, options) => {
  const { state, beforeSend, flush } = await persisted(storage, options);
  return { state, flush, beforeSend: () => void beforeSend()?.catch(() => {}) };
};

it("[P34] would be caught broken", async () => {
  const asserted = fc.assert(law(hasty), { numRuns: 1_000, endOnFailure: true });

  await expect(asserted).rejects.toThrow("Property failed");
});
