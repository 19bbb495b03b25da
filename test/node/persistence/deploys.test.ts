// One object through several deploys, each with a layout, keys, a mode and a version of its own, and any of them interrupted as it wakes or later.
import { persisted, type PersistedOptions, type PersistedStore } from "@dormouse/do-runtime";
import { memoryStorage, type MemoryStorage, type StorageCall } from "@dormouse/do-runtime/testing";
import { toRaw } from "@dormouse/reactive";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { difference } from "../../support/difference.ts";
import { RUNS } from "../../support/runs.ts";

type State = Record<string, unknown>;

/** Some look like rows of ours, or like what an object has anyway. */
const KEYS = ["a", "b", "_dormouse:meta", "_verani_persist:a", "constructor", "0", "ключ"];
const newState = (): State =>
  Object.fromEntries(KEYS.map((key, at) => [key, at % 2 === 0 ? `default ${key}` : { n: at, list: [] }]));

const LARGE = { sqlite: 40_000, kv: 150_000 };

const changes = fc.record({
  key: fc.nat(KEYS.length - 1),
  kind: fc.constantFrom(
    "number",
    "text",
    "object",
    "large",
    "inside",
    "inside",
    "share",
    "delete",
    "undefined",
  ),
  n: fc.nat(900),
});
const turns = (minLength: number, maxLength: number) =>
  fc.array(fc.array(changes, { minLength: 1, maxLength: 3 }), { minLength, maxLength });
const deploys = fc.record({
  layout: fc.constantFrom("keys", "log"),
  shallow: fc.boolean(),
  isNewVersion: fc.boolean(),
  persistedKeys: fc.subarray(KEYS, { minLength: 1 }),
  /** After so many writes the power goes. */
  cutAfter: fc.option(fc.nat(9), { nil: undefined }),
  /** So many calls later one of storage fails while the object wakes. */
  failsAt: fc.option(fc.nat(5), { nil: undefined }),
  // The slots of a log are folded at the 28th flush.
  turns: fc.oneof({ weight: 4, arbitrary: turns(0, 6) }, { weight: 1, arbitrary: turns(25, 45) }),
});

interface Deploy {
  readonly layout: "keys" | "log";
  readonly shallow: boolean;
  readonly isNewVersion: boolean;
  readonly persistedKeys: readonly string[];
  readonly cutAfter: number | undefined;
  readonly failsAt: number | undefined;
  readonly turns: readonly (readonly Change[])[];
}

interface Change {
  readonly key: number;
  readonly kind: string;
  readonly n: number;
}

const isObject = (value: unknown): value is State => typeof value === "object" && value !== null;

/** Counts its runs, and moves a key. */
function migrate(old: State): void {
  for (const value of Object.values(old))
    if (isObject(value)) value["migrated"] = Number(value["migrated"] ?? 0) + 1;
  if (!Object.hasOwn(old, "b")) return;
  old["a"] = old["b"];
  delete old["b"];
}

/** What storage has, or may have. */
class Stored {
  readonly values: Map<string, unknown>;
  readonly deleted: Set<string>;
  readonly version: number;

  constructor(values: ReadonlyMap<string, unknown>, deleted: ReadonlySet<string>, version: number) {
    this.values = new Map([...values].map(([key, value]) => [key, structuredClone(value)]));
    this.deleted = new Set(deleted);
    this.version = version;
  }

  copy(version = this.version): Stored {
    return new Stored(this.values, this.deleted, version);
  }

  migrated(version: number): Stored {
    if (version === this.version) return this;
    const old = Object.fromEntries(this.copy().values);
    migrate(old);
    const gone = [...this.deleted].filter((key) => !Object.hasOwn(old, key));
    return new Stored(new Map(Object.entries(old)), new Set(gone), version);
  }

  put(key: string, state: State): void {
    this.deleted.delete(key);
    if (Object.hasOwn(state, key)) this.values.set(key, structuredClone(state[key]));
    else {
      this.values.delete(key);
      this.deleted.add(key);
    }
  }

  /** Where a state that was woken differs. */
  differsFrom(state: State, keys: readonly string[]): string | undefined {
    for (const key of keys) {
      const expected = newState();
      if (this.deleted.has(key)) delete expected[key];
      else if (this.values.has(key)) expected[key] = this.values.get(key);
      if (Object.hasOwn(state, key) !== Object.hasOwn(expected, key)) return `${key}: there in one only`;
      const at = difference(state[key], expected[key]);
      if (at !== undefined) return `${key}: ${at}`;
    }
    return undefined;
  }
}

class Life {
  readonly #backend: "sqlite" | "kv";
  readonly #open: typeof persisted;
  #storage: MemoryStorage;
  #version = 0;
  #stored = [new Stored(new Map(), new Set(), 0)];

  constructor(backend: "sqlite" | "kv", open: typeof persisted) {
    this.#backend = backend;
    this.#open = open;
    this.#storage = memoryStorage({ backend });
  }

  async deploy(deploy: Deploy): Promise<void> {
    const { layout, shallow, persistedKeys } = deploy;
    if (deploy.isNewVersion) this.#version++;
    const options: PersistedOptions<State> = {
      state: newState,
      layout,
      persistedKeys,
      version: this.#version,
      migrate,
      persistOptions: { shallow, throwOnError: false },
      onPersistError: () => {},
    };
    const store = await this.#wake(deploy, options);
    this.#expectStored(store, deploy, "at the wake");
    for (const turn of deploy.turns) {
      const before = this.#stored;
      this.#stored = before.map((stored) => stored.copy());
      this.#run(store, turn, deploy);
      await store.flush();
      if (this.#storage.hasPower) continue;
      this.#stored.push(...before);
      break;
    }
    this.#storage = this.#storage.restart();
    this.#expectStored(await this.#open(this.#storage, options), deploy, "after it");
    await this.#storage.sync();
    this.#storage = this.#storage.restart();
  }

  /** Wakes the object, where the first time fails again. */
  async #wake(
    { cutAfter, failsAt }: Deploy,
    options: PersistedOptions<State>,
  ): Promise<PersistedStore<State>> {
    let calls = 0;
    const fails = ({ method }: StorageCall) => method !== "commit" && calls++ === failsAt;
    if (cutAfter !== undefined) this.#storage.cutPowerAfter(cutAfter);
    if (failsAt !== undefined) this.#storage.failWhen(fails);
    const first = await this.#open(this.#storage, options).catch(() => undefined);
    await first?.flush();
    const migrated = this.#stored.map((stored) => stored.migrated(this.#version));
    if (first !== undefined && this.#storage.hasPower && failsAt === undefined) {
      this.#stored = migrated;
      return first;
    }
    // It may have migrated before it failed, and is not asked twice then.
    this.#storage.failWhen(() => false);
    this.#storage = this.#storage.restart();
    this.#stored = migrated;
    return this.#open(this.#storage, options);
  }

  #run(
    store: PersistedStore<State>,
    turn: readonly Change[],
    { shallow, persistedKeys, layout }: Deploy,
  ): void {
    const { state } = store;
    const raw = toRaw(state);
    const assigned = new Set<string>();
    const assign = (key: string, value: unknown) => {
      state[key] = value;
      assigned.add(key);
    };
    // A key's row on a KV-backed object takes none of the large ones.
    const hasRoom = (value: unknown) =>
      layout === "log" || this.#backend === "sqlite" || !(isObject(value) && Object.hasOwn(value, "large"));
    for (const { key: at, kind, n } of turn) {
      const key = persistedKeys[at % persistedKeys.length] ?? "";
      const other = raw[persistedKeys[n % persistedKeys.length] ?? ""];
      const large = { n, large: "x".repeat(LARGE[this.#backend]) };
      const inside = state[key];
      if (kind === "number") assign(key, n);
      else if (kind === "text") assign(key, "x".repeat(n));
      else if (kind === "object") assign(key, { n, list: ["y".repeat(n)], map: new Map([["k", { n }]]) });
      else if (kind === "large" && hasRoom(large)) assign(key, large);
      else if (kind === "inside" && isObject(inside) && hasRoom(inside))
        inside[`p${n % 7}`] = "s".repeat(n % 90);
      // The same object again is a change in shallow mode only.
      else if (kind === "share" && isObject(other) && hasRoom(other) && (shallow || other !== raw[key]))
        assign(key, other);
      else if (kind === "undefined") assign(key, undefined);
      else if (kind === "delete" && Object.hasOwn(state, key)) {
        delete state[key];
        assigned.add(key);
      }
    }
    for (const key of persistedKeys)
      for (const stored of this.#stored)
        if (assigned.has(key) || (!shallow && stored.differsFrom(raw, [key]) !== undefined))
          stored.put(key, raw);
  }

  #expectStored({ state }: PersistedStore<State>, { persistedKeys }: Deploy, when: string): void {
    const differences = this.#stored.map((stored) => stored.differsFrom(toRaw(state), persistedKeys));
    this.#stored = this.#stored.filter((_, at) => differences[at] === undefined);
    if (this.#stored.length === 0)
      throw new Error(`${when}, version ${this.#version}: ${differences.join(" or ")}`);
  }
}

const lives = fc.tuple(
  fc.constantFrom("sqlite", "kv"),
  fc.array(deploys, { minLength: 1, maxLength: 5, size: "max" }),
);

const survives = (open: typeof persisted) =>
  fc.asyncProperty(lives, async ([backend, all]) => {
    const life = new Life(backend as "sqlite" | "kv", open);
    for (const deploy of all) await life.deploy(deploy as Deploy);
  });

it("[P30] [P33] [L8] [L9] whatever is deployed, and wherever that is interrupted, an object wakes with what it had", async () => {
  await expect(fc.assert(survives(persisted), { numRuns: RUNS / 5 })).resolves.toBeUndefined();
});

const forgetful: typeof persisted = async (storage, options) => {
  const store = await persisted(storage, options);
  const { state } = options;
  const initial = typeof state === "function" ? state() : state;
  for (const [key, value] of Object.entries(initial))
    if (!Object.hasOwn(store.state, key)) Object.assign(store.state, { [key]: value });
  return store;
};

it("[P30] catches an object that forgets what is deleted", async () => {
  const caught = fc.assert(survives(forgetful), { numRuns: 1000, endOnFailure: true });

  await expect(caught).rejects.toThrow("Property failed");
});
