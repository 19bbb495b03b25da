import { persisted, type PersistedOptions, type Storage } from "@dormouse/do-runtime";
import { MemoryStorage, type MemoryStorageOptions } from "@dormouse/do-runtime/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  coalesces,
  isolates,
  isShallow,
  ours,
  recovers,
  replays,
  restores,
  survivesCuts,
  type System,
} from "../../support/persist-laws.ts";
import { type Board, newBoard } from "../../support/boards.ts";
import { RUNS } from "../../support/runs.ts";

/** In ms. Long runs take longer. */
const LIMIT = 60_000 + RUNS * 20;

// A timer of 0 ms takes 1 ms in Node, an immediate some microseconds: it is the next turn of the event loop as well.
beforeAll(() => void vi.stubGlobal("setTimeout", (run: () => void) => setImmediate(run)));
afterAll(() => void vi.unstubAllGlobals());

type SyncStorage = NonNullable<Storage["kv"]>;

const withStorage = (storage: (options: MemoryStorageOptions) => MemoryStorage): System => ({
  ...ours,
  storage,
});
const withOptions = (change: (options: PersistedOptions<Board>) => PersistedOptions<Board>): System => ({
  ...ours,
  open: (storage, options) => persisted(storage, change(options)),
});

/** JSON.stringify throws for a bigint, where a store that speaks JSON would keep something else. */
const withoutBigInt = (_key: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);

/** Stores what JSON keeps. */
class JsonStorage extends MemoryStorage {
  override put(entries: unknown): Promise<void> {
    const plain = Object.entries(entries as object).map(([key, value]) => [key, asJson(value)]);
    return super.put(Object.fromEntries(plain) as Record<string, unknown>);
  }

  override get kv(): SyncStorage {
    const kv = super.kv;
    return { ...kv, put: (key, value) => kv.put(key, asJson(value)) };
  }
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value, withoutBigInt) ?? "null");

/** Writes each key by itself, each in a transaction of its own. */
class SinglePutStorage extends MemoryStorage {
  override async put(entries: unknown): Promise<void> {
    for (const [key, value] of Object.entries(entries as object)) {
      await super.put({ [key]: value });
      await super.sync();
    }
  }
}

/** Lets everything out at once. */
class UngatedStorage extends MemoryStorage {
  override send(message: unknown): void {
    if (this.hasPower) this.delivered.push(message);
  }
}

/** Says that a put was taken though it was not. */
class LyingStorage extends MemoryStorage {
  override put(entries: unknown): Promise<void> {
    return super.put(entries as Record<string, unknown>).catch(() => {});
  }

  override get kv(): SyncStorage {
    const kv = super.kv;
    const put: SyncStorage["put"] = (key, value) => {
      try {
        kv.put(key, value);
      } catch {}
    };
    return { ...kv, put };
  }
}

/** Keeps what a transaction that fails has written before. */
class TornStorage extends MemoryStorage {
  override transactionSync<T>(closure: () => T): T {
    return closure();
  }
}

/** Loses one row of the log in ten. */
class ForgetfulStorage extends MemoryStorage {
  #puts = 0;

  override async put(entries: unknown): Promise<void> {
    if (this.#remembers()) await super.put(entries as Record<string, unknown>);
  }

  override get kv(): SyncStorage {
    const kv = super.kv;
    return { ...kv, put: (key, value) => this.#remembers() && kv.put(key, value) };
  }

  #remembers(): boolean {
    return this.#puts++ % 10 !== 9;
  }
}

const writesTwice: System = {
  ...ours,
  open: async (storage, options) => {
    const store = await persisted(storage, options);
    // Every change is written at once, as if there were no turn.
    return {
      ...store,
      state: new Proxy(store.state, { get: (state, key) => (store.beforeSend(), Reflect.get(state, key)) }),
    };
  },
};

const shared = newBoard();

function check(law: (system: System) => unknown, ...broken: readonly System[]): void {
  it(
    "holds",
    async () => {
      await fc.assert(law(ours) as fc.IAsyncProperty<unknown>, { numRuns: RUNS });
    },
    LIMIT,
  );

  it.each(broken)(
    "would be caught broken, %#",
    async (system) => {
      const asserted = fc.assert(law(system) as fc.IAsyncProperty<unknown>, { numRuns: RUNS });

      await expect(asserted).rejects.toThrow("Property failed");
    },
    LIMIT,
  );
}

describe("[P30] law 1: restores what was flushed, in either layout", () => {
  check(
    restores,
    withStorage((options) => new JsonStorage(options)),
  );
});

describe("[P31] law 2: writes a turn once, and nothing twice", () => {
  check(coalesces, writesTwice);
});

describe("[P32] law 3: stores assignments only, in shallow mode", () => {
  check(
    isShallow,
    withOptions((options) => ({ ...options, persistOptions: { shallow: false } })),
  );
});

describe("[P33] law 4: is at some flush wherever the power is cut", () => {
  check(
    survivesCuts,
    withStorage((options) => new SinglePutStorage({ ...options, backend: "kv" })),
  );
});

describe("[P34] law 5: has stored what was acknowledged", () => {
  check(
    survivesCuts,
    withStorage((options) => new UngatedStorage(options)),
  );
});

describe("[P35] law 6: makes storage equal to memory once it works again", () => {
  check(
    recovers,
    withStorage((options) => new LyingStorage(options)),
    withStorage((options) => new TornStorage({ ...options, backend: "sqlite" })),
  );
});

describe("[P36] law 7: keeps objects apart", () => {
  check(
    isolates,
    withOptions((options) => ({ ...options, state: () => shared })),
  );
});

describe("[P37] law 8: replays any part of the flushes", () => {
  check(
    replays,
    withStorage((options) => new ForgetfulStorage(options)),
  );
});
