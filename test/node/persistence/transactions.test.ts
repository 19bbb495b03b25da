import { persisted } from "@dormouse/do-runtime";
import { type MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";

const deep = { shallow: false };

const nextRound = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Counts what takes the gate: a delete is none where there is no table. */
function gates(storage: MemoryStorage) {
  const counts = { deletes: 0, transactions: 0 };
  const { kv } = storage;
  const [remove, transactionSync] = [kv.delete, storage.transactionSync];
  kv.delete = (key) => {
    counts.deletes++;
    return remove(key);
  };
  storage.transactionSync = <T>(closure: () => T): T => {
    counts.transactions++;
    return transactionSync.call(storage, closure) as T;
  };
  return counts;
}

describe.each(["turn", "group"] as const)("a transaction of the user's, commit %s", (commit) => {
  it("[P22] doesn't take a flush with it when it rolls back", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { before: 0, inside: 0 }, commit });
    store.state.before = 1;
    const failed = storage.transaction(async (txn) => {
      await txn.put("theirs", 1);
      expect(await txn.get("_verani_persist:before")).toBe(1);
      store.state.inside = 1;
      await new Promise((resolve) => setTimeout(resolve, 2));
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    await store.flush();

    expect(Object.fromEntries(storage.restart().rows())).toEqual({
      "_verani_persist:before": 1,
      "_verani_persist:inside": 1,
    });
  });

  it("[P23] holds back what waits for a write that is refused meanwhile, until it has been told of that", async () => {
    const storage = memoryStorage();
    const state = { foreign: {}, other: 0 };
    const store = await persisted(storage, { state, commit, onPersistError: () => {} });
    Object.assign(store.state, { foreign: { inner: new Proxy({}, {}) }, other: 1 });
    let told: unknown;
    const waits = Promise.resolve(store.beforeSend()).then(
      () => "saved",
      (error: unknown) => error,
    );
    void waits.then((outcome) => (told = outcome));
    const end = Promise.withResolvers<void>();
    const transaction = storage.transaction(() => end.promise);
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(told).toBeUndefined();
    end.resolve();
    await transaction;

    expect(await waits).toMatchObject({ code: "VALUE_NOT_STORABLE", key: "foreign" });
    await storage.sync();
    expect(Object.fromEntries(storage.restart().rows())).toEqual({ "_verani_persist:other": 1 });
  });

  it("[P22] that is synchronous doesn't either", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { inside: 0 }, commit });
    const fail = (): void =>
      storage.transactionSync(() => {
        store.state.inside = 1;
        void store.beforeSend();
        throw new Error("no");
      });
    expect(fail).toThrow("no");
    await store.flush();

    expect(storage.restart().rows().get("_verani_persist:inside")).toBe(1);
  });

  it("[P23] holds what is sent inside until it is over", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { inside: 0 }, commit });
    const told: unknown[] = [];
    await storage.transaction(async () => {
      store.state.inside = 1;
      const answer = async (): Promise<void> => {
        await store.beforeSend();
        told.push(storage.rows().get("_verani_persist:inside"));
        storage.send("ack");
      };
      void answer();
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(storage.delivered).toEqual([]);
      expect(told).toEqual([]);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));

    expect(storage.delivered).toEqual(["ack"]);
    expect(told).toEqual([1]);
  });

  it("[P23] refuses flush() inside, which could never be durable there", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { inside: 0 }, commit });
    const inside = storage.transaction(async () => {
      store.state.inside = 1;
      await store.flush();
    });

    await expect(inside).rejects.toMatchObject({ code: "TRANSACTION_OPEN" });
    await store.flush();
    expect(storage.rows().get("_verani_persist:inside")).toBe(1);
  });
});

describe("store.transaction", () => {
  it("[P24] restores state and what is dirty when it throws", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { list: [1], other: 0 }, persistOptions: deep });
    store.state.other = 1;
    const fail = (): void =>
      store.transaction(() => {
        store.state.list.push(2);
        store.state.other = 2;
        void store.beforeSend();
        throw new Error("no");
      });
    expect(fail).toThrow("no");
    await store.flush();

    expect(store.state).toEqual({ list: [1], other: 1 });
    expect([...storage.rows()]).toEqual([["_verani_persist:other", 1]]);
  });

  it("[P22] a transaction of the storage in one of the state stores nothing before that ends", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 0, b: 0 } });
    expect(() =>
      store.transaction(() => {
        store.state.a = 1;
        storage.transactionSync(() => {
          store.state.b = 1;
          storage.kv.put("own", 1);
        });
        throw new Error("taken back");
      }),
    ).toThrow("taken back");
    await store.flush();

    expect([...storage.rows()]).toEqual([["own", 1]]);
    store.transaction(() => {
      store.state.a = 2;
      storage.transactionSync(() => {});
    });
    await store.flush();
    expect(storage.rows().get("_verani_persist:a")).toBe(2);
  });

  it.each(["turn", "group"] as const)(
    "[P24] has what is sent inside wait until it is over and stored, commit %s",
    async (commit) => {
      const storage = memoryStorage();
      const store = await persisted(storage, { state: { a: 0 }, commit });
      let told: Promise<unknown> = Promise.resolve("sent at once");
      store.transaction(() => {
        store.state.a = 1;
        told = store.beforeSend()?.then(() => storage.rows().get("_verani_persist:a")) ?? told;
      });

      expect(await told).toBe(1);
    },
  );

  it("[P24] returns what the function returns, and what it changed is stored together", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { from: 10, to: 0 } });
    const moved = store.transaction(() => {
      store.state.from -= 3;
      store.state.to += 3;
      return 3;
    });
    await store.flush();

    expect(moved).toBe(3);
    expect(store.stats).toMatchObject({ puts: 1, keys: 2 });
  });
});

describe("deleteAll", () => {
  it("[P25] has the record say nothing of the keys that were deleted before", async () => {
    const storage = memoryStorage();
    const state: Record<string, unknown> = { gone: 1, count: 0, text: "" };
    const store = await persisted(storage, { state });
    delete store.state["gone"];
    await store.flush();
    await storage.deleteAll();
    store.state["count"] = 1;
    await store.flush();
    expect([...storage.rows()]).toEqual([["_verani_persist:count", 1]]);
    store.state["text"] = "b";
    await store.flush();

    expect(storage.rows().get("_dormouse:meta")).toEqual({ format: 1, layout: "keys", version: 0 });
  });

  it.each(["keys", "log"] as const)(
    "[P25] while a write is on its way is forgotten by none that fails later, layout %s",
    async (layout) => {
      const storage = memoryStorage();
      const options = { state: { a: 0, b: 0 }, layout, onPersistError: () => {} };
      const store = await persisted(storage, options);
      store.state.a = 1;
      store.state.b = 1;
      const first = Promise.resolve(store.beforeSend()).catch(() => {});
      await storage.deleteAll();
      storage.failWhen(({ method }) => method === "put");
      store.state.a = 2;
      await store.flush().catch(() => {});
      await first;

      storage.failWhen(() => false);
      store.state.a = 3;
      store.state.b = 3;
      await store.flush();
      store.state.b = 4;
      await store.flush();
      expect((await persisted(storage.restart(), options)).state).toEqual({ a: 3, b: 4 });
    },
  );

  it.each(["keys", "log"] as const)("[P25] is followed by whole writes, layout %s", async (layout) => {
    const storage = memoryStorage();
    const options = { state: { list: [1], text: "a", other: 0 }, layout, persistOptions: deep };
    const store = await persisted(storage, options);
    store.state.list.push(2);
    store.state.text = "b";
    await store.flush();
    await storage.deleteAll();
    store.state.list.push(3);
    store.state.text = "c";
    await store.flush();

    expect((await persisted(storage.restart(), options)).state).toEqual({
      list: [1, 2, 3],
      text: "c",
      other: 0,
    });
  });
});

describe.each(["keys", "log"] as const)("deleteAll, refused, layout %s", (layout) => {
  const refusals = [
    (storage: MemoryStorage) => storage.transaction(() => storage.deleteAll()),
    async (storage: MemoryStorage) => {
      storage.failWhen(({ method }) => method === "delete");
      await storage.deleteAll().finally(() => storage.failWhen(() => false));
    },
  ];

  it.each(refusals)(
    "[P25] loses nothing of what stayed stored, persisted or not any more (%#)",
    async (refuse) => {
      const state: Record<string, unknown> = { changed: 0, kept: 0, old: "", large: "", gone: 0, cleared: 0 };
      const options = { state, layout, persistOptions: deep };
      const first = memoryStorage();
      const written = await persisted(first, { ...options, layout: "log" });
      Object.assign(written.state, { changed: 1, kept: 1, old: ["o"], large: "x".repeat(3_000_000) });
      delete written.state["gone"];
      written.state["cleared"] = undefined;
      await written.flush();
      const second = first.restart();
      await persisted(second, options);
      await second.sync();

      const storage = second.restart();
      const store = await persisted(storage, { ...options, persistedKeys: ["changed", "kept"] });
      await expect(refuse(storage)).rejects.toThrow(/within a transaction|failed/);
      store.state["changed"] = "2";
      await store.flush();

      expect((await persisted(storage.restart(), options)).state).toEqual({
        ...written.state,
        changed: "2",
      });
    },
  );

  it.each(refusals)("[P25] [L6] leaves what can't be read as it is (%#)", async (refuse) => {
    const storage = memoryStorage({
      rows: [
        ["_verani_persist:bad", 7],
        ["_verani_persist:n", 1],
      ],
    });
    storage.makeUnreadable("_verani_persist:bad");
    const store = await persisted(storage, { state: { bad: 0, n: 0 }, layout, onPersistError: () => {} });
    await expect(refuse(storage)).rejects.toThrow(/within a transaction|failed/);
    store.state.n = 2;
    await store.flush();

    expect(storage.rows().get("_verani_persist:bad")).toBe(7);
  });

  it("[P25] has all keys written whole where some were written before it was", async () => {
    const options = { state: { a: [0], b: [0] }, layout, persistOptions: deep };
    const storage = memoryStorage();
    const { promise, reject } = Promise.withResolvers<void>();
    storage.deleteAll = () => promise;
    const store = await persisted(storage, options);
    store.state.a.push(1);
    store.state.b.push(1);
    await store.flush();
    const refused = storage.deleteAll();
    store.state.a.push(2);
    await store.flush();
    reject(new Error("no"));
    await expect(refused).rejects.toThrow("no");
    store.state.a.push(3);
    await store.flush();

    expect((await persisted(storage.restart(), options)).state).toEqual({ a: [0, 1, 2, 3], b: [0, 1] });
  });
});

describe("deleteAll while a fold is on its way", () => {
  it("[P25] [P39] lets the next slots be folded", async () => {
    const landed: (() => void)[] = [];
    let isSlow = false;
    const storage = memoryStorage({
      backend: "kv",
      settle: async () => {
        if (isSlow) await new Promise<void>((resolve) => landed.push(resolve));
      },
    });
    const store = await persisted(storage, {
      state: { counts: {} as Record<string, number>, text: "x".repeat(100_000) },
      layout: "log",
      persistOptions: deep,
    });
    const change = (count: number) => {
      store.state.counts[`n${count % 3}`] = count;
      return Promise.resolve(store.beforeSend());
    };
    const segments = () =>
      [...storage.rows().keys()].filter((row) => row.startsWith("_dormouse:seg:")).length;
    for (let count = 0; count < 20; count++) await change(count);
    isSlow = true;
    const sent: Promise<void>[] = [];
    for (let count = 0; segments() === 0 && count < 40; count++) sent.push(change(count));
    expect(segments()).toBe(1);
    isSlow = false;
    await storage.deleteAll();
    for (const land of landed) land();
    await Promise.all(sent);
    for (let count = 0; count < 150; count++) await change(count);

    // 28 flushes each; without folds each flush that finds no slot would take one of its own.
    expect(segments()).toBeLessThan(8);
  });
});

it("[P23] what waits for a write refused inside a transaction, while another is in flight, doesn't wait for ever", async () => {
  const answers: (() => void)[] = [];
  const settle = () => new Promise<void>((resolve) => answers.push(resolve));
  const storage = memoryStorage({ backend: "kv", settle });
  const state = { a: 0 as unknown, b: 0 };
  const store = await persisted(storage, { state, onPersistError() {} });
  store.state.a = { nested: new Proxy({}, {}) };
  const first = store.flush();
  store.state.b = 1;
  const told = Promise.allSettled([first, store.flush()]);
  const end = Promise.withResolvers<void>();
  const transaction = storage.transaction(() => end.promise);

  // The first write is refused while the transaction is open, the second is answered after it.
  answers[0]?.();
  await nextRound();
  end.resolve();
  await transaction;
  await nextRound();
  for (let answered = 1; answered < 10; answered++) {
    answers[answered]?.();
    await nextRound();
  }

  expect(await Promise.race([told, nextRound()])).toMatchObject([
    { status: "rejected", reason: { code: "VALUE_NOT_STORABLE" } },
    { status: "rejected", reason: { code: "VALUE_NOT_STORABLE" } },
  ]);
});

describe("the gate before there is a table", () => {
  it("[P34] is taken by a transaction until something is stored, and again after deleteAll()", async () => {
    const storage = memoryStorage();
    const counts = gates(storage);
    const store = await persisted(storage, { state: { n: 0 } });
    store.state.n = 1;
    expect(counts).toEqual({ deletes: 0, transactions: 1 });
    await store.flush();
    store.state.n = 2;
    expect(counts).toEqual({ deletes: 1, transactions: 1 });
    await store.flush();
    await storage.deleteAll();
    store.state.n = 3;
    expect(counts).toEqual({ deletes: 1, transactions: 2 });
  });

  it("[P34] is not taken for there by a write that deleteAll() has overtaken", async () => {
    const storage = memoryStorage();
    const counts = gates(storage);
    const store = await persisted(storage, { state: { n: 0, m: 0 } });
    // Two writes at once: the second is a put, which is answered later.
    store.state.n = 1;
    const first = store.beforeSend();
    store.state.m = 1;
    const second = store.beforeSend();
    const emptied = storage.deleteAll();
    await Promise.all([first, second, emptied]);
    const { deletes } = counts;
    store.state.n = 2;

    expect(counts.deletes).toBe(deletes);
  });

  it("[P34] is not taken by a state that stores nothing", async () => {
    const storage = memoryStorage();
    const counts = gates(storage);
    const store = await persisted(storage, { state: { n: 0 }, persistedKeys: [] });
    store.state.n = 1;

    expect(counts).toEqual({ deletes: 0, transactions: 0 });
  });

  it("[P34] is known to be there by what a wake has restored", async () => {
    const storage = memoryStorage({ rows: [["_verani_persist:n", 5]] });
    const counts = gates(storage);
    const store = await persisted(storage, { state: { n: 0 } });
    store.state.n = 6;

    expect(counts).toEqual({ deletes: 1, transactions: 0 });
  });
});
