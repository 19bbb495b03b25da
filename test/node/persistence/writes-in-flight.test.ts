// Several writes on their way at once, of which one is rejected, or answered out of turn.
import { persisted, type PersistError } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

it.each(["turn", "group"] as const)(
  "[P34] holds back what speaks of a value that only storage refuses, commit %s",
  async (commit) => {
    const storage = memoryStorage();
    const state = { draft: 0 as unknown, good: 0 };
    const store = await persisted(storage, { commit, state, onPersistError: () => {} });

    store.state.draft = { nested: new Proxy({}, {}) };
    store.state.good = 1;
    const replies = [store.beforeSend(), store.beforeSend()].map((safe) => Promise.resolve(safe));
    const told = await Promise.allSettled(replies);

    expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await store.flush().catch(() => {});
    expect((await persisted(storage.restart(), { state })).state).toEqual({ draft: 0, good: 1 });
  },
);

it("[P18] lets out what is sent while the group's write is on its way, once it is taken", async () => {
  const storage = memoryStorage({ backend: "kv" });
  const scheduled: (() => void)[] = [];
  const store = await persisted(storage, {
    state: { a: 0, b: 0 },
    commit: "group",
    schedule: (flush) => void scheduled.push(flush),
  });
  store.state.a = 1;
  store.state.b = 1;
  for (const flush of scheduled.splice(0)) flush();
  const safe = store.beforeSend();

  expect(safe).toBeInstanceOf(Promise);
  await safe;
  expect(store.beforeSend()).toBeUndefined();
});

it("[P35] stores again what builds on a write that is lost, also where a later one is answered before it", async () => {
  const answers: (() => void)[] = [];
  let isSlow = true;
  const storage = memoryStorage({
    backend: "kv",
    settle: async () => {
      if (isSlow) await new Promise<void>((resolve) => answers.push(resolve));
    },
  });
  const options = { layout: "log" as const, state: { a: 0, b: 0 }, onPersistError: () => {} };
  const store = await persisted(storage, { ...options, persistOptions: { throwOnError: false } });
  const change = (by: Partial<typeof options.state>) => {
    Object.assign(store.state, by);
    void store.beforeSend();
  };
  const answer = async (write: number) => {
    answers[write]?.();
    await nextTurn();
  };
  change({ a: 1 });
  change({ b: 1 });
  change({ a: 2 });
  // Answered before the write that it builds on, the second counts as lost.
  for (const write of [1, 0]) await answer(write);
  change({ b: 2 });
  for (const write of [3, 2]) await answer(write);
  isSlow = false;
  await store.flush();

  expect((await persisted(storage.restart({ backend: "kv" }), options)).state).toEqual({ a: 2, b: 2 });
});

describe.each(["keys", "log"] as const)("the first write, rejected by storage, layout %s", (layout) => {
  it.each(["sqlite", "kv"] as const)(
    "[L4] leaves the second, of the same turn, what it needs to be read where the object ends then, %s-backed",
    async (backend) => {
      const storage = memoryStorage({ backend });
      const options = { layout, state: { first: "", second: "" }, onPersistError: () => {} };
      const store = await persisted(storage, options);
      storage.failWhen(({ method }) => method === "put");
      store.state.first = "1";
      const first = store.flush().catch(() => {});
      storage.failWhen(() => false);
      store.state.second = "2";
      const second = store.flush().catch(() => {});
      const crashed = memoryStorage({ backend, rows: structuredClone(storage.rows()) });
      await Promise.all([first, second]);
      await store.flush();

      // A record of a log builds on the one before.
      const expected = { first: "", second: layout === "keys" ? "2" : "" };
      expect((await persisted(crashed, options)).state).toEqual(expected);
      expect((await persisted(storage.restart(), options)).state).toEqual({ first: "1", second: "2" });
    },
  );
});

it("[L3] [L4] a record that changes while an earlier one is on its way is stored, too, though its first write is rejected", async () => {
  const storage = memoryStorage({ backend: "kv" });
  const state: { text: string; extra?: number } = { text: "", extra: 1 };
  const options = { state, onPersistError: () => {} };
  const store = await persisted(storage, options);
  store.state.text = "so that there is a record";
  const first = store.flush();
  delete store.state.extra;
  storage.failWhen(({ method }) => method === "put" || method === "delete");
  const second = store.flush().catch(() => {});
  storage.failWhen(() => false);
  await Promise.all([first.catch(() => {}), second]);
  await store.flush();

  expect((await persisted(storage.restart(), options)).state).toEqual({ text: "so that there is a record" });
});

describe.each(["keys", "log"] as const)(
  "the first write, rejected for a foreign proxy, layout %s",
  (layout) => {
    const long = "x".repeat(1_500);
    const options = {
      layout,
      // The record says something, so that the first write has it.
      version: 1,
      state: () => ({ draft: 0 as unknown, text: "", list: [] as string[] }),
      persistOptions: { shallow: false, throwOnError: false },
      onPersistError: () => {},
    };

    it.each(["sqlite", "kv"] as const)(
      "[P12] [P34] leaves the second, of the same turn, what it needs to be read, %s-backed",
      async (backend) => {
        const storage = memoryStorage({ backend });
        const store = await persisted(storage, options);
        store.state.draft = { text: long, proxy: new Proxy({}, {}) };
        void store.beforeSend();
        store.state.text = "123";
        await store.beforeSend();
        await storage.sync();

        const again = await persisted(storage.restart(), options);
        expect(again.state).toEqual({ draft: 0, text: "123", list: [] });
      },
    );

    it("[P12] [P35] leaves the second where it is", async () => {
      const storage = memoryStorage();
      const store = await persisted(storage, options);
      store.state.draft = { text: long, proxy: new Proxy({}, {}) };
      void store.beforeSend();
      store.state.list.push(long);
      await store.beforeSend();
      store.state.text = long;
      await store.flush();

      const again = await persisted(storage.restart(), options);
      expect(again.state).toEqual({ draft: 0, text: long, list: [long] });
    });
  },
);

it("[P18] [P35] a write of several calls is no lost one for the next, which is answered before it", async () => {
  const storage = memoryStorage({ backend: "kv" });
  const failures: string[] = [];
  const options = {
    layout: "log" as const,
    state: { text: "", list: [] as number[] },
    persistOptions: { shallow: false },
    onPersistError: (_: string, { message }: PersistError) => void failures.push(message),
  };
  const store = await persisted(storage, options);
  for (let round = 0; round < 3; round++) {
    // In parts, which take the place of the key's row: calls of put and of delete.
    store.state.text = `${round}`.repeat(300_000);
    store.state.list = [round];
    const safe = store.beforeSend();
    store.state.list.push(1);
    await store.beforeSend();
    await safe;
  }
  await store.flush();

  expect(failures).toEqual([]);
  const again = await persisted(storage.restart(), options);
  expect(again.state.list).toEqual([2, 1]);
  expect(again.state.text).toBe("2".repeat(300_000));
});
