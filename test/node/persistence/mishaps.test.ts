// What goes wrong in a user's own code must not take the state along.
import { persisted, PersistError, type PersistedOptions } from "@dormouse/do-runtime";
import { MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it, vi } from "vitest";
import { collectUntil } from "../../support/collect.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const breaks = (): never => {
  throw new Error("the monitoring is down");
};

const namedAsMethods = (): Record<string, unknown> => ({ constructor: 1, toString: "a" });

/** Larger at each attempt, so that no checkpoint pays. */
const text = (attempt: number): string => "x".repeat(1200 * 2 ** attempt);

class Card {
  title = "t";
}

describe.each(["keys", "log"] as const)("with the layout %s", (layout) => {
  it("[P19] stores the other keys when onPersistError throws", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const storage = memoryStorage();
    const state = { bad: 0 as unknown, good: 0 };
    const store = await persisted(storage, {
      layout,
      state,
      onPersistError: breaks,
      persistOptions: { throwOnError: false },
    });

    store.state.bad = () => 1;
    store.state.good = 1;
    await store.flush();
    const again = await persisted(storage.restart(), { layout, state });

    expect(again.state.good).toBe(1);
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ message: "the monitoring is down" }));
    logged.mockRestore();
  });

  it.each([
    ["an instance", () => new Card(), (_: MemoryStorage, send: () => void) => send()],
    ["a proxy", () => ({ inner: new Proxy({}, {}) }), (_: MemoryStorage, send: () => void) => send()],
    ["an instance", () => new Card(), (storage: MemoryStorage) => storage.transactionSync(() => {})],
  ])(
    "[P35] keeps the order of what onPersistError changes and has written, told of %s",
    async (_, bad, act) => {
      const storage = memoryStorage();
      const state = { bad: 0 as unknown, list: [0], count: 0 };
      const store = await persisted(storage, {
        layout,
        state,
        persistOptions: { shallow: false, throwOnError: false },
        onPersistError: () => {
          store.state.count++;
          store.state.list.push(store.state.count);
          act(storage, () => void store.beforeSend());
        },
      });
      const flush = async (): Promise<void> => {
        await store.flush();
        await nextTurn();
        await store.flush();
      };

      for (let round = 0; round < 3; round++) {
        store.state.bad = bad();
        store.state.count = 10 * round;
        store.state.list.push(10 * round);
        await flush();
      }
      store.state.bad = 1;
      await flush();
      const again = await persisted(storage.restart(), { layout, state });

      expect(again.state).toEqual(store.state);
    },
  );

  it("[P12] stores the other keys also where a transaction opens before storage has refused one", async () => {
    const storage = memoryStorage();
    const state = { draft: 0 as unknown, good: 0 };
    const store = await persisted(storage, { layout, state, onPersistError: () => {} });

    store.state.draft = { proxy: new Proxy({}, {}) };
    store.state.good = 1;
    await Promise.resolve();
    await storage.transaction(nextTurn);
    await nextTurn();

    expect((await persisted(storage.restart(), { layout, state })).state.good).toBe(1);
  });

  it("[P12] stores the other keys when one holds a proxy that was revoked", async () => {
    const storage = memoryStorage();
    const state = { draft: 0 as unknown, good: 0 };
    const store = await persisted(storage, { layout, state, onPersistError: () => {} });
    const { proxy, revoke } = Proxy.revocable({ title: "t" }, {});

    store.state.draft = { proxy };
    store.state.good = 1;
    revoke();
    const error: unknown = await store.flush().catch((reason: unknown) => reason);
    const again = await persisted(storage.restart(), { layout, state });

    expect(error).toBeInstanceOf(PersistError);
    expect(error).toMatchObject({ code: "VALUE_NOT_STORABLE", key: "draft" });
    expect(again.state.good).toBe(1);
  });

  it.each(["sqlite", "kv"] as const)("[L3] deletes a key that was restored, %s-backed", async (backend) => {
    const storage = memoryStorage({ backend });
    const options = {
      layout,
      state: { b: 0 } as Record<string, number>,
      persistedKeys: ["a", "b"],
    };
    const store = await persisted(storage, options);
    store.state["a"] = 1;
    store.state["b"] = 1;
    await store.flush();
    const second = storage.restart();
    const again = await persisted(second, options);
    delete again.state["a"];
    await again.flush();

    expect((await persisted(second.restart(), options)).state).toEqual({ b: 1 });
  });

  it("[L3] keeps a key deleted whose name every object has", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { layout, state: namedAsMethods });
    store.state["constructor"] = 2;
    await store.flush();

    delete store.state["constructor"];
    delete store.state["toString"];
    await store.flush();
    const other = layout === "keys" ? "log" : "keys";
    const again = await persisted(storage.restart(), { layout: other, state: namedAsMethods });

    expect(Object.keys(again.state)).toEqual([]);
  });

  it("[P38] writes nothing once it is disposed", async () => {
    for (const commit of ["turn", "group"] as const) {
      const storage = memoryStorage();
      const store = await persisted(storage, { layout, commit, state: { count: 0 } });

      store.state.count = 1;
      store.dispose();
      await nextTurn();
      await storage.transaction(async () => {});

      expect(storage.rows().size).toBe(0);
    }
  });

  it("[P38] follows its state no more, and lets go of it", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { layout, state: { count: 0, text: "" } });
    store.dispose();
    store.state.count = 1;
    expect(store.isDirty).toBe(false);

    const released = await (async () => {
      const other = await persisted(storage, { layout, state: { list: [0] } });
      other.state.list = [1];
      await other.flush();
      other.dispose();
      return new WeakRef(other.state);
    })();
    expect(await collectUntil(() => released.deref() === undefined)).toBe(true);
  });

  it("[P38] doesn't try again, once it is disposed, what failed before", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { layout, state: { count: 0 }, onPersistError: () => {} });
    storage.failWhen(() => true);
    store.state.count = 1;
    await expect(store.flush()).rejects.toThrow("storage rejected the write");
    expect(store.stats).toMatchObject({ failures: 1 });

    storage.failWhen(() => false);
    store.dispose();
    await store.flush().catch(() => {});
    await nextTurn();
    expect(storage.rows().size).toBe(0);
  });

  it("[P18] rejects what waits for a commit though flush() has told its failure already", async () => {
    const storage = memoryStorage();
    const state = { card: 0 as unknown };
    const store = await persisted(storage, { layout, commit: "group", state, onPersistError: () => {} });

    store.state.card = { nested: new Card() };
    const reply = Promise.resolve(store.beforeSend()).then(
      () => "sent",
      () => "held back",
    );
    await expect(store.flush()).rejects.toThrow("is an instance of Card");

    expect(await reply).toBe("held back");
  });

  it("[P34] holds back what speaks of a write that is rejected after others were taken", async () => {
    const storage = memoryStorage();
    const state = { count: 0 };
    const store = await persisted(storage, { layout, state, onPersistError: () => {} });
    const told: string[] = [];
    for (const count of [1, 2, 3]) {
      // Two writes in flight: under "keys" one alone is taken at once.
      store.state.count = count * 10;
      void store.flush().catch(() => {});
      store.state.count = count * 10 + 1;
      storage.failWhen(({ method }) => count === 3 && (method === "put" || method === "commit"));
      const safe = store.beforeSend();
      const reply = Promise.resolve(safe).then(
        () => `sent ${count}`,
        () => `held back ${count}`,
      );
      told.push(await reply);
      await nextTurn();
    }

    expect(told).toEqual(["sent 1", "sent 2", "held back 3"]);
  });

  it("[L6] waits at a wake for every row that has to be read by itself", async () => {
    class SlowStorage extends MemoryStorage {
      override async get(key: string | string[]): Promise<never> {
        if (typeof key === "string") await nextTurn();
        return super.get(key as string) as Promise<never>;
      }
    }
    const rows = ["a", "b", "c"].map((key) => [`_verani_persist:${key}`, 1] as const);
    const storage = new SlowStorage({ rows });
    storage.makeUnreadable("_verani_persist:b");
    const store = await persisted(storage, { layout, state: { a: 0, b: 0, c: 0 }, onPersistError: () => {} });

    expect(store.state).toEqual({ a: 1, b: 0, c: 1 });
  });

  it("[L8] migrates what can be read when one row can't", async () => {
    const storage = memoryStorage();
    const state = { a: 0, b: 0 };
    const store = await persisted(storage, { state });
    store.state.a = 1;
    store.state.b = 2;
    await store.flush();
    const restarted = storage.restart();
    restarted.makeUnreadable("_verani_persist:a");
    const unreadable: string[] = [];

    const again = await persisted(restarted, {
      layout,
      state,
      version: 1,
      migrate: (old) => void (old["b"] = Number(old["b"]) * 10),
      onPersistError: (key) => void unreadable.push(key),
    });

    expect(again.state).toEqual({ a: 0, b: 20 });
    expect(unreadable).toEqual(["a"]);
  });

  it("[L8] changes nothing where storage fails to say which keys there are", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { layout, state: { a: 0, b: 0 } });
    Object.assign(store.state, { a: 1, b: 2 });
    await store.flush();
    const options = {
      layout,
      state: { a: 0 },
      version: 1,
      migrate: (old: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(old).map(([key, value]) => [key, Number(value) * 10])),
    };
    const restarted = storage.restart();
    restarted.failWhen(({ method }) => method === "list");

    await expect(persisted(restarted, options)).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    restarted.failWhen(() => false);
    await persisted(restarted, options);
    await restarted.sync();

    expect((await persisted(restarted.restart(), { ...options, state: { a: 0, b: 0 } })).state).toEqual({
      a: 10,
      b: 20,
    });
  });
});

it("[P16] stores nothing of a flush of puts and deletes of which one fails", async () => {
  const storage = memoryStorage();
  const state: Record<string, unknown> = { gone: 1, kept: 1 };
  const first = await persisted(storage, { state });
  first.state["kept"] = 2;
  first.state["gone"] = 2;
  await first.flush();
  const store = await persisted(storage, { state, onPersistError: () => {} });

  delete store.state["gone"];
  store.state["kept"] = 3;
  storage.failWhen(({ method }) => method === "delete");
  await store.flush().catch(() => {});

  expect((await persisted(storage.restart(), { state })).state).toEqual({ gone: 2, kept: 2 });
  storage.failWhen(() => false);
  await store.flush();
  expect((await persisted(storage.restart(), { state })).state).toEqual({ kept: 3 });
});

describe("the log", () => {
  it("[L6] reports a segment that can't be read, of those beyond the first call, and keeps what was before", async () => {
    const options = {
      layout: "log",
      state: () => ({ count: 0, texts: {} as Record<string, string> }),
      persistOptions: { shallow: false },
    } as const;
    const storage = memoryStorage();
    const store = await persisted(storage, options);
    for (let flush = 0; flush < 10; flush++) {
      store.state.count = flush;
      // Each too large for a slot, and all together too dear for a checkpoint.
      store.state.texts[`${flush}`] = "x".repeat(20_000 * 2 ** flush);
      await store.flush();
    }
    const segments = [...storage.rows().keys()].filter((row) => row.startsWith("_dormouse:seg:"));
    expect(segments.length).toBeGreaterThan(4);
    const restarted = storage.restart();
    restarted.makeUnreadable(segments.at(-1) ?? "");
    const reported: string[] = [];
    const again = await persisted(restarted, {
      ...options,
      onPersistError: (_, { message }) => void reported.push(message),
    });

    expect(reported).toEqual([expect.stringContaining("a row of the log can't be read")]);
    expect(again.state.count).toBeGreaterThan(0);
    expect(again.state.count).toBeLessThan(9);
  });

  it("[P35] finds a large value whose write failed several times before it succeeded", async () => {
    const storage = memoryStorage();
    const options = {
      layout: "log" as const,
      state: { text: "" },
      onPersistError: () => {},
    } satisfies PersistedOptions<{ text: string }>;
    const store = await persisted(storage, options);
    storage.failWhen(({ method }) => method === "put");
    for (let attempt = 0; attempt < 4; attempt++) {
      store.state.text = text(attempt);
      await expect(store.flush()).rejects.toThrow("storage rejected the write");
    }

    storage.failWhen(() => false);
    store.state.text = text(4);
    await store.flush();
    const again = await persisted(storage.restart(), options);

    expect(again.state.text).toHaveLength(1200 * 16);
  });
});
