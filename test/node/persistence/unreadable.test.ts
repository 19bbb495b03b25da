// Rows that can't be read, or hold half of Verani's JSON, among the others, through wakes with other keys, layouts, modes and versions: nothing else is lost, and what is
// assigned or deleted is whole again.
import { persisted, PersistError, type PersistedStore } from "@dormouse/do-runtime";
import { type MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import { toRaw } from "@dormouse/reactive";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { difference } from "../../support/difference.ts";
import { RUNS } from "../../support/runs.ts";

beforeAll(() => void vi.spyOn(console, "warn").mockReturnValue());
afterAll(() => void vi.restoreAllMocks());

type State = Record<string, unknown>;

const KEYS = ["a", "b", "c", "d"];
const GONE = Symbol("no key");
const BROKEN = "{oops";
const newState = (): State => Object.fromEntries(KEYS.map((key) => [key, `default ${key}`]));

/** What Verani has left of a key: nothing, JSON, or half of it. */
const left = fc.constantFrom<unknown>(undefined, undefined, { n: 1 }, "text", 5, [1, { x: "q" }], BROKEN);

const changes = fc.record({
  key: fc.nat(KEYS.length - 1),
  kind: fc.constantFrom("text", "object", "inside", "delete", "undefined", "large", "flush"),
  n: fc.nat(1_500),
});
const lives = fc.array(
  fc.record({
    layout: fc.constantFrom("keys", "log"),
    shallow: fc.boolean(),
    persistedKeys: fc.subarray(KEYS, { minLength: 1 }),
    version: fc.constantFrom("same", "same", "raised", "migrated"),
    /** Which row can't be read from now on. */
    damaged: fc.option(fc.nat(9), { nil: undefined }),
    // The slots of a log are folded at the 28th flush.
    changes: fc.oneof(
      { weight: 4, arbitrary: fc.array(changes, { maxLength: 6 }) },
      { weight: 1, arbitrary: fc.array(changes, { minLength: 40, maxLength: 60 }) },
    ),
  }),
  { minLength: 1, maxLength: 5, size: "max" },
);
type Program = typeof lives extends fc.Arbitrary<infer Value> ? Value[number & keyof Value] : never;

const isObject = (value: unknown): value is State => typeof value === "object" && value !== null;

class Life {
  readonly #open: typeof persisted;
  readonly #stored = new Map<string, unknown>();
  /** Keys whose value may be such that it can't be read. */
  readonly #damaged = new Set<string>();
  #storage: MemoryStorage;
  #version = 0;

  constructor(open: typeof persisted, veranis: readonly unknown[]) {
    this.#open = open;
    const rows: [string, unknown][] = [];
    for (const [at, key] of KEYS.entries()) {
      const value = veranis[at];
      if (value === undefined) continue;
      if (value === BROKEN) this.#damaged.add(key);
      else this.#stored.set(key, value);
      rows.push([`_verani_persist:${key}`, value === BROKEN ? value : JSON.stringify(value)]);
    }
    this.#storage = memoryStorage({ backend: "kv", rows });
  }

  /** Answers whether there is a next one. */
  async live(program: Program): Promise<boolean> {
    const { layout, shallow, persistedKeys, version } = program;
    if (program.damaged !== undefined) this.#damage(program.damaged);
    if (version !== "same") this.#version++;
    const reported: string[] = [];
    const opening = this.#open<State>(this.#storage, {
      state: newState,
      layout: layout as "keys",
      persistedKeys,
      version: this.#version,
      ...(version === "migrated" && { migrate() {} }),
      persistOptions: { shallow, throwOnError: false },
      onPersistError: (key) => void reported.push(key),
    });
    const store = await opening.catch((error: unknown) => {
      const isRefused = error instanceof PersistError && error.code === "MIGRATION_FAILED";
      if (!isRefused || this.#damaged.size === 0) throw error;
      return undefined;
    });
    if (store === undefined) return false;
    this.#expectStored(store, persistedKeys, reported);
    for (const change of program.changes) await this.#change(store, change, program);
    await store.flush();
    if (store.isDirty) throw new Error(`dirty: ${store.dirtyKeys.join()}`);
    this.#storage = this.#storage.restart();
    return true;
  }

  /** The value's own row, or a part of it; the rows of a log are another test's. */
  #damage(at: number): void {
    const rows = [...this.#storage.rows().keys()].filter((row) => /^_verani|:part:/.test(row));
    const row = rows[at % rows.length];
    if (row === undefined) return;
    this.#storage.makeUnreadable(row);
    this.#damaged.add(row.at(-1) ?? "");
  }

  #expectStored(store: PersistedStore<State>, keys: readonly string[], reported: readonly string[]): void {
    const raw = toRaw(store.state);
    for (const key of reported)
      if (!this.#damaged.has(key)) throw new Error(`"${key}" is reported, though it is whole`);
    for (const key of keys) {
      const isLost = reported.includes(key) || !this.#stored.has(key);
      const expected = isLost ? `default ${key}` : this.#stored.get(key);
      const found = Object.hasOwn(raw, key) ? raw[key] : GONE;
      const at = found === GONE || expected === GONE ? found !== expected : difference(found, expected);
      if (at !== undefined && at !== false) throw new Error(`${key}: ${String(at)}`);
    }
  }

  async #change(
    store: PersistedStore<State>,
    { key: at, kind, n }: Program["changes"][number],
    { persistedKeys, shallow, layout }: Program,
  ): Promise<void> {
    const { state } = store;
    const key = persistedKeys[at % persistedKeys.length] ?? "";
    const inside = state[key];
    if (kind === "flush") return store.flush();
    if (kind === "text") state[key] = "x".repeat(n);
    else if (kind === "undefined") state[key] = undefined;
    else if (kind === "object") state[key] = { n };
    // More than a row takes; it stays in parts where the layout is "keys" then.
    else if (kind === "large" && layout === "log") state[key] = { text: "x".repeat(131_000 + n) };
    else if (kind === "delete" && Object.hasOwn(state, key)) delete state[key];
    else if (kind === "inside" && isObject(inside) && !Object.hasOwn(inside, "text")) {
      inside["inner"] = "y".repeat(n);
      // The same object again is a change in shallow mode only.
      if (shallow) state[key] = inside;
    } else return undefined;
    this.#damaged.delete(key);
    const raw = toRaw(state);
    this.#stored.set(key, Object.hasOwn(raw, key) ? structuredClone(raw[key]) : GONE);
    return undefined;
  }
}

const law = (open: typeof persisted) =>
  fc.asyncProperty(
    fc.oneof(fc.constant([]), fc.array(left, { maxLength: 4 })),
    lives,
    async (veranis, all) => {
      const life = new Life(open, veranis);
      // A row that can't be read hides which others are Verani's.
      const isDamaged = veranis.every((value) => value === undefined);
      for (const program of all)
        if (!(await life.live(isDamaged ? program : { ...program, damaged: undefined }))) return;
    },
  );

it("[L5] [L6] [L8] [L9] what can't be read is reported until it is assigned or deleted, and takes nothing else along", async () => {
  await expect(fc.assert(law(persisted), { numRuns: RUNS / 2 })).resolves.toBeUndefined();
});

const silent: typeof persisted = (storage, options) =>
  persisted(storage, { ...options, onPersistError() {} });

it("[L6] would be caught where it is not reported", async () => {
  const asserted = fc.assert(law(silent), { numRuns: 1_000, endOnFailure: true });

  await expect(asserted).rejects.toThrow("Property failed");
});
