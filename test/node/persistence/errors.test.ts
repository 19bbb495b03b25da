import { persisted, type PersistError } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { rejection } from "../../support/rejection.ts";

const deep = { shallow: false };
const silent = { shallow: false, throwOnError: false };

interface Reported {
  readonly key: string;
  readonly error: PersistError;
}

function reporting(): {
  readonly reported: Reported[];
  readonly onPersistError: (key: string, error: PersistError) => void;
} {
  const reported: Reported[] = [];
  return { reported, onPersistError: (key, error) => void reported.push({ key, error }) };
}

class Card {
  title = "t";
}

const changedByStorage: (readonly [string, unknown, string])[] = [
  ["a class instance", new Card(), "is an instance of Card"],
  ["a generator", (function* () {})(), "is an instance of Generator"],
  [
    "an accessor",
    {
      get now() {
        return 1;
      },
    },
    '"key.now" is an accessor, which storage would replace by its value of the moment; assign that value',
  ],
  [
    "a symbol for a key",
    { [Symbol("s")]: 1 },
    "a symbol for its key, which storage would drop; use a string",
  ],
  [
    "an error with a code",
    Object.assign(new Error("no"), { code: 5 }),
    '"key" is an instance of Error with properties of its own, which storage would drop; keep them beside it',
  ],
  [
    "a pattern with a property",
    { pattern: Object.assign(/x/, { hits: 1 }) },
    '"key.pattern" is an instance of RegExp with properties of its own, which storage would drop; keep them beside it',
  ],
  [
    "a function of a shallow state",
    { deep: { f: () => 1 } },
    '"key.deep.f" is a function (f), which storage can\'t keep; keep it under',
  ],
];

describe("what can't be stored", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;

  it.each([
    ["a function", () => 1, "is a function"],
    ["a symbol", Symbol("s"), "is a symbol"],
    ["a promise", Promise.resolve(1), "is a promise"],
    ["a WeakMap", new WeakMap(), "is an instance of WeakMap"],
  ])("[P8] is refused at its assignment: %s", async (_, value, found) => {
    const storage = memoryStorage();
    const store = await persisted(storage, {
      state: { box: {} as Record<string, unknown>, top: 0 as unknown },
      persistOptions: deep,
    });

    expect(() => (store.state.box["x"] = value)).toThrow(found);
    expect(() => (store.state.box["x"] = [{ inner: value }])).toThrow("box.x[0].inner");
    expect(() => (store.state.top = value)).toThrow(`"top" ${found}`);
    expect(store.state).toEqual({ box: {}, top: 0 });
    await store.flush();
    expect(storage.counts.puts).toBe(0);
  });

  it.each(changedByStorage)(
    "[P10] is refused at the flush at the latest, where storage would change it: %s",
    async (_, value, message) => {
      const storage = memoryStorage();
      const { reported, onPersistError } = reporting();
      const store = await persisted(storage, {
        state: { key: 0 as unknown, other: 0 },
        persistOptions: { throwOnError: false },
        onPersistError,
      });
      store.state.key = value;
      store.state.other = 1;
      await store.flush();

      expect(reported.map(({ key }) => key)).toEqual(["key"]);
      expect(reported[0]?.error).toMatchObject({ code: "VALUE_NOT_STORABLE", key: "key" });
      expect(reported[0]?.error.message).toContain(message);
      expect([...storage.rows()]).toEqual([["_verani_persist:other", 1]]);
    },
  );

  it("[P8] [P19] is what is nested too deep: refused at its assignment, or told of where nothing throws", async () => {
    const { reported, onPersistError } = reporting();
    let chain: object = {};
    for (let depth = 0; depth < 20_000; depth++) chain = { chain };
    const state: { chain: object } = { chain: {} };
    const throwing = await persisted(memoryStorage(), { state, persistOptions: deep });
    const telling = await persisted(memoryStorage(), { state, persistOptions: silent, onPersistError });

    expect(() => (throwing.state.chain = chain)).toThrow(
      '"chain" is nested too deeply to be stored; flatten it',
    );
    telling.state.chain = chain;
    await telling.flush();

    expect(reported.map(({ error }) => error.message)).toEqual([
      '[persist] "chain" is nested too deeply to be stored; flatten it',
    ]);
  });

  it.each(["keys", "log"] as const)(
    "[P10] [P19] is told of once, with its path, where it is in what changed, layout %s",
    async (layout) => {
      const { reported, onPersistError } = reporting();
      const state = {
        board: { cards: [] as unknown[], tags: new Set<unknown>(), by: new Map<string, unknown>() },
      };
      const store = await persisted(memoryStorage(), {
        layout,
        state,
        persistOptions: silent,
        onPersistError,
      });
      const { board } = store.state;
      for (const change of [
        () => board.cards.push(1, { inner: new Card() }),
        () => board.cards.pop(),
        () => board.tags.add(new Card()),
        () => board.tags.clear(),
        () => board.by.set("ada", new Card()),
      ]) {
        change();
        await store.flush();
      }

      expect(reported.map(({ error }) => error.message.split(";")[0])).toEqual([
        '[persist] "board.cards[1].inner" is an instance of Card',
        '[persist] "board.tags[an instance of Card]" is an instance of Card',
        '[persist] "board.by.ada" is an instance of Card',
      ]);
    },
  );

  it("[P11] keeps null prototypes, as plain objects, and cycles", async () => {
    const storage = memoryStorage();
    const state = { bare: {} as object, circle: {} as { self?: unknown } };
    const store = await persisted(storage, { state });
    store.state.bare = Object.assign(Object.create(null) as object, { n: 1 });
    store.state.circle = circle;
    await store.flush();
    const again = await persisted(storage.restart(), { state });

    expect(again.state.bare).toEqual({ n: 1 });
    expect(again.state.circle.self).toBe(again.state.circle);
  });

  it("[P12] holds back no other key when it is a proxy of another library, which only storage notices", async () => {
    const storage = memoryStorage();
    const { reported, onPersistError } = reporting();
    const store = await persisted(storage, {
      state: { key: {} as object, other: 0 },
      persistOptions: { throwOnError: false },
      onPersistError,
    });
    store.state.key = new Proxy({}, {});
    store.state.other = 1;
    await store.flush();

    expect(reported.map(({ key, error }) => [key, error.code])).toEqual([["key", "VALUE_NOT_STORABLE"]]);
    expect(storage.rows()).toEqual(new Map([["_verani_persist:other", 1]]));
    store.state.key = { plain: true };
    await store.flush();
    expect(storage.rows().get("_verani_persist:key")).toEqual({ plain: true });
  });

  it("[P13] copies small views on large buffers before they are stored", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, {
      state: { view: new Uint8Array(), box: {} as Record<string, unknown> },
    });
    const large = new Uint8Array(100_000).fill(7);
    store.state.view = large.subarray(10, 12);
    store.state.box = {
      list: [new DataView(large.buffer, 4, 8)],
      map: new Map([["f", new Float64Array(large.buffer, 8, 1)]]),
    };
    await store.flush();

    expect(storage.counts.bytesWritten).toBeLessThan(400);
    expect(storage.rows().get("_verani_persist:view")).toEqual(new Uint8Array([7, 7]));
    expect(store.state.view.buffer.byteLength).toBe(100_000);
  });

  it("[P13] copies them again when something else in the value changes", async () => {
    const storage = memoryStorage();
    const box = { view: new Uint8Array(), n: 0 };
    const store = await persisted(storage, { state: { box }, persistOptions: deep });
    store.state.box = { view: new Uint8Array(new ArrayBuffer(100_000), 0, 2), n: 1 };
    await store.flush();
    store.state.box.n = 2;
    await store.flush();

    expect(storage.counts.bytesWritten).toBeLessThan(400);
    expect(storage.rows().get("_verani_persist:box")).toEqual({ view: new Uint8Array(2), n: 2 });
  });

  it("[P13] copies one that came into a value which was measured before, too", async () => {
    const storage = memoryStorage();
    const box = { view: new Uint8Array(), n: 0 };
    const store = await persisted(storage, { state: { box }, persistOptions: deep });
    store.state.box.n = 1;
    await store.flush();
    store.state.box.view = new Uint8Array(new ArrayBuffer(100_000), 0, 2);
    await store.flush();
    store.state.box.n = 2;
    await store.flush();

    expect(storage.counts.bytesWritten).toBeLessThan(400);
  });

  it.each(["keys", "log"] as const)(
    "[P20] keeps the cause of an error, be it a small view, layout %s",
    async (layout) => {
      const storage = memoryStorage();
      const state = { failure: undefined as unknown, view: new Uint8Array() };
      const store = await persisted(storage, { layout, state });
      const bytes = new Uint8Array(200).fill(7);
      store.state.failure = new Error("refused", { cause: bytes.subarray(0, 2) });
      store.state.view = bytes.slice().subarray(0, 3);
      await store.flush();
      const again = await persisted(storage.restart(), { layout, state });

      expect(again.state.failure).toEqual(new Error("refused", { cause: new Uint8Array([7, 7]) }));
      expect(again.state.view).toEqual(new Uint8Array([7, 7, 7]));
    },
  );

  it("[P13] leaves a view on its buffer where the value has the buffer itself, too", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { data: undefined as unknown } });
    const buffer = new ArrayBuffer(1_000);
    store.state.data = { view: new Uint8Array(buffer, 10, 2), buffer, views: [new DataView(buffer, 4, 8)] };
    await store.flush();
    const stored = storage.rows().get("_verani_persist:data") as {
      buffer: ArrayBuffer;
      view: Uint8Array;
      views: DataView[];
    };

    expect(stored.view.buffer).toBe(stored.buffer);
    expect(stored.views[0]?.buffer).toBe(stored.buffer);
    expect(storage.counts.bytesWritten).toBeLessThan(1_200);
  });
});

describe("a failed write", () => {
  it("[P17] leaves its keys dirty, and they go with the next flush", async () => {
    const storage = memoryStorage();
    const { reported, onPersistError } = reporting();
    const store = await persisted(storage, { state: { a: 0, b: 0, c: 0 }, onPersistError });
    storage.failWhen(({ method }) => method === "put");
    store.state.a = 1;
    store.state.b = 1;
    const error = await rejection(store.flush());
    expect(error).toMatchObject({ code: "STORAGE_FAILED", cause: expect.any(Error) as unknown });
    expect(reported.map(({ key }) => key)).toEqual(["a", "b"]);
    expect(store.isDirty).toBe(true);
    storage.failWhen(() => false);
    store.state.c = 1;
    await store.flush();

    expect(store.isDirty).toBe(false);
    expect([...storage.rows().values()]).toEqual([1, 1, 1]);
  });

  it("[P18] rejects flush() as long as anything is unsaved, and beforeSend() once", async () => {
    const store = await persisted(memoryStorage({ backend: "kv" }), {
      state: { big: "", small: 0 },
      onPersistError: () => {},
    });
    store.state.big = "x".repeat(200_000);
    expect(() => store.beforeSend()).toThrow("the limit is");
    await store.beforeSend();
    store.state.small = 1;
    await store.beforeSend();
    expect(await rejection(store.flush())).toMatchObject({ code: "VALUE_TOO_LARGE" });
    expect(await rejection(store.flush())).toMatchObject({ code: "VALUE_TOO_LARGE" });
    store.state.big = "fits";

    await expect(store.flush()).resolves.toBeUndefined();
  });

  it.each(["keys", "log"] as const)(
    "[P17] leaves a key dirty that was refused, and tries it again whole, layout %s",
    async (layout) => {
      const storage = memoryStorage();
      const { reported, onPersistError } = reporting();
      const state = { box: {} as Record<string, unknown> };
      const store = await persisted(storage, { layout, state, onPersistError });
      store.state.box = { card: new Card() };
      await rejection(store.flush());
      store.state.box = { card: new Card() };
      await rejection(store.flush());
      expect(store.dirtyKeys).toEqual(["box"]);
      expect([...store.unsaved].map(([key, { code, path }]) => [key, code, path])).toEqual([
        ["box", "VALUE_NOT_STORABLE", ["box", "card"]],
      ]);
      expect(reported.map(({ key }) => key)).toEqual(["box", "box"]);
      // No assignment to a key: a shallow state doesn't see it.
      store.state.box["card"] = { plain: true };
      await store.flush();

      expect([store.dirtyKeys, store.unsaved.size]).toEqual([[], 0]);
      expect((await persisted(storage.restart(), { layout, state })).state.box).toEqual({
        card: { plain: true },
      });
    },
  );

  it.each(["keys", "log"] as const)(
    "[P18] rejects flush() also where an older value of the refused key is stored later, layout %s",
    async (layout) => {
      const storage = memoryStorage({ backend: "kv" });
      const state = { a: 0 as unknown };
      const store = await persisted(storage, { layout, state, onPersistError: () => {} });
      store.state.a = 1;
      const first = store.flush().catch(() => {});
      store.state.a = { card: new Card() };
      await rejection(store.flush());
      await first;

      expect(await rejection(store.flush())).toMatchObject({ code: "VALUE_NOT_STORABLE", key: "a" });
    },
  );

  it("[P18] rejects flush() when the commit fails, which concerns no single key", async () => {
    const storage = memoryStorage();
    const { reported, onPersistError } = reporting();
    const store = await persisted(storage, { state: { a: 0 }, onPersistError });
    storage.failWhen(({ method }) => method === "commit");
    store.state.a = 1;
    const error = await rejection(store.flush());

    expect(error).toMatchObject({ code: "STORAGE_FAILED", key: undefined });
    expect(error.message).toContain("storage rejected the write of the state");
    expect(reported).toEqual([{ key: "", error }]);
  });

  it("[P18] rejects each of two flush() that wait for the commit that fails", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 0 }, onPersistError: () => {} });
    storage.failWhen(({ method }) => method === "commit");
    store.state.a = 1;
    const both = await Promise.all([rejection(store.flush()), rejection(store.flush())]);

    expect(both.map(({ code }) => code)).toEqual(["STORAGE_FAILED", "STORAGE_FAILED"]);
  });

  it.each(["turn", "group"] as const)(
    "[P18] rejects flush() called inside a transaction of the state's, commit %s",
    async (commit) => {
      const storage = memoryStorage();
      const store = await persisted(storage, { state: { a: 0 }, commit, onPersistError: () => {} });
      storage.failWhen(({ method }) => method === "put");
      let flushed = Promise.resolve();
      store.transaction(() => {
        store.state.a = 1;
        flushed = store.flush();
      });

      expect(await rejection(flushed)).toMatchObject({ code: "STORAGE_FAILED", key: "a" });
    },
  );

  it("[P18] in group commit rejects for who waited for it though another asked meanwhile", async () => {
    const storage = memoryStorage();
    const others: unknown[] = [];
    const askAsWell = async (): Promise<void> => {
      try {
        await store.beforeSend();
      } catch (error) {
        others.push(error);
      }
    };
    const store = await persisted(storage, {
      state: { a: 0 },
      commit: "group",
      onPersistError: () => queueMicrotask(() => void askAsWell()),
    });
    storage.failWhen(({ method }) => method === "put");
    store.state.a = 1;

    const error = await rejection(Promise.resolve(store.beforeSend()));
    expect(error).toMatchObject({ code: "STORAGE_FAILED" });
    expect(others).toEqual([error]);
  });

  it("[P18] in group commit rejects for all that waited for it", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 0 }, commit: "group", onPersistError: () => {} });
    storage.failWhen(({ method }) => method === "put");
    store.state.a = 1;
    const [one, other] = [store.beforeSend(), store.beforeSend()];

    expect(await rejection(one ?? Promise.resolve())).toMatchObject({ code: "STORAGE_FAILED" });
    expect(await rejection(other ?? Promise.resolve())).toMatchObject({ code: "STORAGE_FAILED" });
    expect(store.beforeSend()).toBeUndefined();
  });

  it("[P18] in turn commit is told to a reply before it is sent, also where storage says so only later", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 0 }, onPersistError: () => {} });
    storage.failWhen(({ method }) => method === "put");
    store.state.a = 1;
    const reply = Promise.resolve(store.beforeSend()).then(() => storage.send("saved"));

    expect(await rejection(reply)).toMatchObject({ code: "STORAGE_FAILED", key: "a" });
    await store.flush().catch(() => {});
    expect(storage.delivered).toEqual([]);
    storage.failWhen(() => false);
    store.beforeSend();
    await store.flush();
    expect(store.beforeSend()).toBeUndefined();
  });

  it("[P19] throws nothing with throwOnError: false, and calls onPersistError", async () => {
    const storage = memoryStorage();
    const { reported, onPersistError } = reporting();
    const store = await persisted(storage, {
      state: { a: 0 as unknown, b: 0 },
      persistOptions: silent,
      onPersistError,
    });
    store.state.a = () => 1;
    store.state.b = 1;
    await store.beforeSend();
    await store.flush();
    storage.failWhen(({ method }) => method === "put");
    store.state.b = 2;
    await store.flush();

    expect(reported.map(({ key, error }) => [key, error.code])).toEqual([
      ["a", "VALUE_NOT_STORABLE"],
      ["b", "STORAGE_FAILED"],
    ]);
  });

  it.each(["keys", "log"] as const)(
    "[P35] takes along no later one that was submitted before its failure was known, layout %s",
    async (layout) => {
      const storage = memoryStorage({ backend: "kv" });
      const options = { state: { a: 0, b: 0 }, layout, onPersistError: () => {} };
      const store = await persisted(storage, options);
      store.state.a = 1;
      storage.failWhen(({ method }) => method === "put");
      const first = store.flush().catch(() => {});
      storage.failWhen(() => false);
      store.state.b = 1;
      const second = store.flush().catch(() => {});
      await Promise.all([first, second]);
      await store.flush();

      expect((await persisted(storage.restart(), options)).state).toEqual({ a: 1, b: 1 });
    },
  );

  it("[P17] waits for slow answers of the storage, one after the other", async () => {
    const storage = memoryStorage({
      backend: "kv",
      settle: () => new Promise((resolve) => setTimeout(resolve, 1)),
    });
    const store = await persisted(storage, { state: { a: 0 } });
    for (let count = 1; count <= 3; count++) {
      store.state.a = count;
      await store.flush();

      expect(storage.restart().rows().get("_verani_persist:a")).toBe(count);
    }
  });

  it("[P17] that fails after a later one was submitted is made up for under the log as well", async () => {
    const answers: (() => void)[] = [];
    const settle = (): Promise<void> => new Promise((resolve) => answers.push(resolve));
    const storage = memoryStorage({ settle });
    const state = { list: [] as number[], other: 0 };
    const options = { state, layout: "log", persistOptions: silent, onPersistError: () => {} } as const;
    const store = await persisted(storage, options);
    const answer = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        for (const resolve of answers.splice(0)) resolve();
        await Promise.resolve();
      }
    };
    store.state.list.push(0);
    store.beforeSend();
    await answer();
    storage.failWhen(({ method }) => method === "put");
    store.state.list.push(1);
    store.beforeSend();
    storage.failWhen(() => false);
    store.state.list.push(2);
    store.beforeSend();
    await answer();
    store.state.other = 1;
    store.beforeSend();
    await answer();
    const flushed = store.flush();
    await answer();
    await flushed;

    const again = await persisted(storage.restart({}), options);
    expect(again.state).toEqual({ list: [0, 1, 2], other: 1 });
  });
});
