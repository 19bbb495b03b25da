import { persisted, PersistError } from "@dormouse/do-runtime";
import { type MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it, vi } from "vitest";

const row = (key: string): string => `_verani_persist:${key}`;
const deep = { shallow: false };

describe("what can't be read", () => {
  it("[L6] is reported by key and kept until the key is assigned; the others load", async () => {
    const storage = memoryStorage({
      rows: [
        [row("bad"), [1]],
        [row("good"), [2]],
      ],
    });
    storage.makeUnreadable(row("bad"));
    const reported: string[] = [];
    const onPersistError = (key: string, error: PersistError): void =>
      void reported.push(`${key} ${error.code}`);
    const state = { bad: [] as number[], good: [] as number[] };
    const store = await persisted(storage, { state, onPersistError });
    expect(store.state).toEqual({ bad: [], good: [2] });
    expect(reported).toEqual(["bad STORED_VALUE_UNREADABLE"]);
    store.state.good = [3];
    await store.flush();
    expect(storage.rows().get(row("bad"))).toEqual([1]);
    store.state.bad = [9];
    await store.flush();

    expect(storage.rows().get(row("bad"))).toEqual([9]);
    expect((await persisted(storage.restart(), { state, onPersistError })).state).toEqual({
      bad: [9],
      good: [3],
    });
    expect(reported).toHaveLength(1);
  });

  it("[L6] goes for Verani's JSON, too, also after our first flush", async () => {
    const storage = memoryStorage({
      rows: [
        [row("bad"), "{broken"],
        [row("good"), "2"],
      ],
    });
    const reported: string[] = [];
    const options = {
      state: { bad: "default", good: 0 },
      onPersistError: (key: string): void => void reported.push(key),
    };
    const store = await persisted(storage, options);
    store.state.good = 3;
    await store.flush();
    const again = await persisted(storage.restart(), options);

    expect(again.state).toEqual({ bad: "default", good: 3 });
    expect(reported).toEqual(["bad", "bad"]);
    expect(storage.rows().get(row("bad"))).toBe("{broken");
  });

  it("[L7] refuses to start over records of a newer library", async () => {
    const storage = memoryStorage({ rows: [["_dormouse:meta", { format: 99 }]] });

    await expect(persisted(storage, { state: { a: 0 } })).rejects.toMatchObject({
      code: "STORED_VERSION_NEWER",
    });
  });

  it.each([
    ["text", "garbage"],
    ["null", null],
    ["no format", {}],
    ["a format that is no number", { format: "1" }],
    ["a version that is no number", { format: 1, version: "2" }],
    ["a base that is no number", { format: 1, base: null, gone: 0 }],
    ["keys that are no list", { format: 1, foreign: 5 }],
    ["parts that are no record", { format: 1, parts: "board" }],
  ])("[L6] refuses a record that is none (%s), says what to do, and writes nothing", async (_, meta) => {
    const rows: [string, unknown][] = [
      ["_dormouse:meta", meta],
      [row("a"), "text"],
    ];
    const storage = memoryStorage({ rows });

    await expect(persisted(storage, { state: { a: "" } })).rejects.toMatchObject({
      code: "STORED_VALUE_UNREADABLE",
      message: expect.stringMatching(/"_dormouse:meta" can't be read.*earlier bookmark/),
    });
    expect([...storage.rows()]).toEqual(rows);
  });
});

describe.each(["keys", "log"] as const)("a migration, layout %s", (layout) => {
  const first = { state: { name: "Ada Lovelace", cards: ["a"] }, layout, persistOptions: deep, version: 1 };
  const second = {
    state: { first: "", last: "", cards: [] as { title: string }[] },
    layout,
    persistOptions: deep,
    version: 2,
  };

  async function storedFirst(): Promise<ReturnType<typeof memoryStorage>> {
    const storage = memoryStorage();
    const store = await persisted(storage, first);
    store.state.name = "Grace Hopper";
    store.state.cards.push("b");
    await store.flush();
    store.state.cards.push("c");
    await store.flush();
    return storage;
  }

  it("[L8] runs once, sees keys that are no longer persisted, and is written at once", async () => {
    const storage = (await storedFirst()).restart();
    const versions: number[] = [];
    const migrate = (old: Record<string, unknown>, from: number): void => {
      versions.push(from);
      const [firstName, last] = String(old["name"]).split(" ");
      Object.assign(old, {
        first: firstName,
        last,
        cards: (old["cards"] as string[]).map((title) => ({ title })),
      });
      delete old["name"];
    };
    const migrated = await persisted(storage, { ...second, migrate });
    const again = await persisted(storage.restart(), { ...second, migrate });
    await storage.sync();
    const third = await persisted(storage.restart(), { ...second, migrate });

    const expected = {
      first: "Grace",
      last: "Hopper",
      cards: [{ title: "a" }, { title: "b" }, { title: "c" }],
    };
    expect(migrated.state).toEqual(expected);
    expect(third.state).toEqual(expected);
    // The second ran over a storage that the first migration had not reached yet: a crash right after it repeats it.
    expect(again.state).toEqual(expected);
    expect(versions).toEqual([1, 1]);
    expect(storage.rows().has(row("name"))).toBe(false);
  });

  it("[L3] [L8] leaves a key deleted that was, whatever its row had before", async () => {
    const options = { state: { a: 0, gone: "default" } as Record<string, unknown>, persistOptions: deep };
    const storage = memoryStorage();
    const byKey = await persisted(storage, { ...options, layout: "keys" });
    byKey.state["gone"] = "old";
    await byKey.flush();
    byKey.dispose();
    const store = await persisted(storage, { ...options, layout });
    delete store.state["gone"];
    await store.flush();
    store.dispose();

    const migrated = await persisted(storage, { ...options, layout, version: 1, migrate: () => {} });
    expect(migrated.state).toEqual({ a: 0 });
    expect(storage.rows().has(row("gone"))).toBe(false);
    await storage.sync();
    expect((await persisted(storage.restart(), { ...options, layout, version: 1 })).state).toEqual({ a: 0 });
  });

  it("[L8] may be asynchronous, whether it returns the state or changes it", async () => {
    const storage = (await storedFirst()).restart();
    const returns = await persisted(storage, {
      ...second,
      migrate: async ({ name }) => ({ first: name, last: "", cards: [] }),
    });
    expect(returns.state).toEqual({ first: "Grace Hopper", last: "", cards: [] });
    await storage.sync();

    const changes = await persisted(storage.restart(), {
      ...second,
      version: 3,
      migrate: async (old) => {
        await Promise.resolve();
        old["last"] = "Hopper";
      },
    });
    expect(changes.state).toEqual({ first: "Grace Hopper", last: "Hopper", cards: [] });
  });

  it("[L8] sees values in parts, and deletes those it doesn't keep, whatever their names", async () => {
    const storage = memoryStorage();
    const large = "x".repeat(3_000_000);
    const state: Record<string, unknown> = { kept: "", dropped: "", constructor: 0, count: 0 };
    const options = { state, persistOptions: deep };
    const stored = await persisted(storage, { ...options, layout: "log" });
    Object.assign(stored.state, { kept: large, dropped: large, constructor: 1 });
    await stored.flush();
    stored.dispose();
    await persisted(storage, { ...options, layout: "keys" });
    await storage.sync();
    expect([...storage.rows().keys()].filter((name) => name.includes("part:")).length).toBe(4);

    const seen: string[][] = [];
    await persisted(storage, {
      ...options,
      layout: "log",
      version: 1,
      persistedKeys: ["count"],
      migrate: (old) => {
        seen.push(Object.keys(old).toSorted());
        return { kept: old["kept"] };
      },
    });
    await storage.sync();

    expect(seen).toEqual([["constructor", "dropped", "kept"]]);
    expect([...storage.rows().keys()].filter((name) => name.includes("dropped"))).toEqual([]);
    const { state: found } = await persisted(storage.restart(), { ...options, layout, version: 1 });
    expect(found).toEqual({ kept: large, dropped: "", constructor: 0, count: 0 });
  });

  it("[L8] sees keys that are undefined, and what it doesn't keep of them has its default again", async () => {
    const storage = memoryStorage();
    const state: Record<string, unknown> = { count: 0, note: "default", kept: "default" };
    const options = { state, layout, persistOptions: deep };
    const stored = await persisted(storage, options);
    Object.assign(stored.state, { note: undefined, kept: undefined });
    await stored.flush();
    stored.dispose();

    const seen: unknown[] = [];
    const migrate = (old: Record<string, unknown>) => {
      seen.push({ ...old });
      return { kept: old["kept"] };
    };
    await persisted(storage, { ...options, persistedKeys: ["count"], version: 1, migrate });
    await storage.sync();
    const again = await persisted(storage.restart(), { ...options, version: 1 });

    expect(seen).toEqual([{ note: undefined, kept: undefined }]);
    expect(again.state).toEqual({ count: 0, note: "default", kept: undefined });
  });

  it("[L8] that throws changes nothing", async () => {
    const storage = (await storedFirst()).restart();
    const before = storage.rows();
    const failed = persisted(storage, {
      ...second,
      migrate: () => {
        throw new Error("no cards");
      },
    });

    await expect(failed).rejects.toMatchObject({
      code: "MIGRATION_FAILED",
      message: expect.stringContaining("stays as it was: no cards; mend migrate"),
      cause: new Error("no cards"),
    });
    expect(storage.rows()).toEqual(before);
    expect((await persisted(storage.restart(), first)).state).toEqual({
      name: "Grace Hopper",
      cards: ["a", "b", "c"],
    });
  });

  it("[L8] runs also where the program wants none of the stored keys any more", async () => {
    const storage = memoryStorage();
    const older = await persisted(storage, { layout, state: { count: 0 } });
    older.state.count = 5;
    await older.flush();

    const newer = { layout, state: { total: 0 }, version: 1 };
    const store = await persisted(storage, { ...newer, migrate: ({ count }) => ({ total: count }) });

    expect(store.state.total).toBe(5);
    expect(storage.rows().has(row("count"))).toBe(false);
    await storage.sync();
    expect((await persisted(storage.restart(), newer)).state.total).toBe(5);
  });

  it("[L8] that makes what can't be written changes nothing, nor does one that storage rejects", async () => {
    const storage = (await storedFirst()).restart();
    const before = storage.rows();
    const makes = (cards: unknown) => persisted(storage, { ...second, migrate: () => ({ cards }) });

    await expect(makes([new Proxy({}, {})])).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    await expect(makes([() => 1])).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    storage.failWhen(({ method }) => method === "put");
    await expect(makes([])).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    expect(storage.rows()).toEqual(before);
  });

  it("[L8] is not run for an object with nothing stored, nor over a newer version", async () => {
    const migrate = vi.fn<() => undefined>();

    expect((await persisted(memoryStorage(), { ...second, migrate })).state.first).toBe("");
    expect(migrate).not.toHaveBeenCalled();
    const storage = (await storedFirst()).restart();
    await expect(persisted(storage, { ...first, version: 0 })).rejects.toMatchObject({
      code: "STORED_VERSION_NEWER",
    });
  });
});

it.each(["keys", "log"] as const)(
  "[P30] a deleted key has its default where it is no longer persisted, layout %s",
  async (layout) => {
    const storage = memoryStorage();
    const state: Record<string, number> = { kept: 1, gone: 1 };
    const store = await persisted(storage, { layout, state });
    store.state["kept"] = 2;
    delete store.state["gone"];
    await store.flush();

    const again = await persisted(storage.restart(), { layout, state, persistedKeys: ["kept"] });

    expect(again.state).toEqual({ kept: 2, gone: 1 });
  },
);

describe("a change of the layout", () => {
  const state = { count: 0, list: [] as number[] };
  const keys = { state, layout: "keys", persistOptions: deep } as const;
  const log = { state, layout: "log", persistOptions: deep } as const;

  it("[L9] may happen at any wake, to and fro", async () => {
    let storage = memoryStorage();
    const expected: number[] = [];
    for (const options of [keys, log, log, keys, log, keys, keys, log]) {
      const store = await persisted(storage, options);
      expect(store.state).toEqual({ count: expected.length, list: expected });
      store.state.count++;
      store.state.list.push(expected.length);
      expected.push(expected.length);
      await store.flush();
      storage = storage.restart();
    }
  });

  it("[L9] without a flush in between loses nothing either", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, log);
    store.state.list.push(1, 2);
    await store.flush();
    await persisted(storage, keys);
    await storage.sync();
    await persisted(storage.restart(), log);

    expect((await persisted(storage.restart(), keys)).state.list).toEqual([1, 2]);
  });

  it("[L9] keeps keys of the log that the program doesn't persist for the moment", async () => {
    let storage = memoryStorage();
    const store = await persisted(storage, log);
    store.state.list.push(1);
    store.state.count = 1;
    await store.flush();
    for (let round = 0; round < 40; round++) {
      storage = storage.restart();
      const part = await persisted(storage, { ...log, persistedKeys: ["count"] });
      part.state.count++;
      await part.flush();
    }

    expect((await persisted(storage.restart(), log)).state).toEqual({ count: 41, list: [1] });
  });
});

describe("what stands in storage from before", () => {
  const log = { layout: "log", persistOptions: deep } as const;

  it("[L9] a log goes on under a new version that needs no migration", async () => {
    const options = { ...log, state: { list: [0], text: "x".repeat(5_000) } };
    const storage = memoryStorage();
    const store = await persisted(storage, options);
    store.state.list.push(1);
    store.state.text += "y";
    await store.flush();
    const newer = await persisted(storage.restart(), { ...options, version: 1 });
    expect(newer.state.list).toEqual([0, 1]);

    const second = storage.restart();
    const again = await persisted(second, { ...options, version: 1 });
    again.state.list.push(2);
    await again.flush();
    const { state } = await persisted(second.restart(), { ...options, version: 1 });
    expect(state).toEqual({ list: [0, 1, 2], text: `${"x".repeat(5_000)}y` });
  });

  it("[L9] records of an earlier log count for nothing, also where a migration came between", async () => {
    const options = { state: { list: [0], text: "x".repeat(5_000) }, persistOptions: deep };
    let storage = memoryStorage();
    const steps = [
      { layout: "log", version: 0 },
      { layout: "keys", version: 0 },
      { layout: "keys", version: 1, migrate: () => {} },
      { layout: "log", version: 1 },
    ] as const;
    const expected = [0];
    for (const step of [...steps, steps[3]]) {
      const store = await persisted(storage, { ...options, ...step });
      expect(store.state.list).toEqual(expected);
      for (let flush = 0; flush < 3; flush++) {
        store.state.list.push(flush);
        expected.push(flush);
        await store.flush();
      }
      storage = storage.restart();
    }
  });

  it("[L9] keys that the program doesn't persist for the moment keep what their rows hold, and the log changed", async () => {
    const options = { state: { list: [0], count: 0 }, persistOptions: deep };
    let storage = memoryStorage();
    const byKey = await persisted(storage, { ...options, layout: "keys" });
    byKey.state.list.push(1);
    await byKey.flush();
    storage = storage.restart();
    const store = await persisted(storage, { ...options, ...log });
    store.state.list.push(2);
    await store.flush();
    storage = storage.restart();
    const reported: string[] = [];
    const part = await persisted(storage, {
      ...options,
      ...log,
      persistedKeys: ["count"],
      onPersistError: (key) => void reported.push(key),
    });
    // Enough flushes for a checkpoint.
    for (let flush = 0; flush < 80; flush++) {
      part.state.count++;
      await part.flush();
    }

    const { state } = await persisted(storage.restart(), { ...options, ...log });
    expect(state).toEqual({ list: [0, 1, 2], count: 80 });
    expect(reported).toEqual([]);
  });
});

const rowsOfText = (storage: MemoryStorage) =>
  [...storage.rows().keys()].filter((name) => name.includes("part:") || name === row("text"));
const large = (length: number) => "x".repeat(length);

it.each(["keys", "log"] as const)(
  "[P29] [L9] a value in parts gives way to a smaller one, and to none, then under the layout %s",
  async (layout) => {
    const options = { state: { text: "", count: 0 } as Record<string, unknown>, persistOptions: deep };
    const storage = memoryStorage();
    const byKey = await persisted(storage, { ...options, layout: "keys" });
    byKey.state["text"] = "small";
    await byKey.flush();
    byKey.dispose();
    const store = await persisted(storage, { ...options, layout: "log" });
    store.state["text"] = large(5_000_000);
    await store.flush();
    expect(rowsOfText(storage)).toHaveLength(3);
    store.state["text"] = large(3_000_000);
    await store.flush();
    expect(rowsOfText(storage)).toHaveLength(2);

    for (const value of [large(10), undefined]) {
      const shrunk = storage.restart();
      const again = await persisted(shrunk, { ...options, layout });
      expect(again.state["text"]).toBe(large(3_000_000));
      if (value === undefined) delete again.state["text"];
      else again.state["text"] = value;
      await again.flush();
      for (const wanted of ["log", "keys"] as const) {
        const { state } = await persisted(shrunk, { ...options, layout: wanted });
        expect(state).toEqual(value === undefined ? { count: 0 } : { text: value, count: 0 });
      }
      expect(rowsOfText(shrunk)).toEqual(value === undefined ? [] : [row("text")]);
    }
  },
);
