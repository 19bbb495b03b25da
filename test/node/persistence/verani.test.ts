import { persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";

const META = "_dormouse:meta";
const row = (key: string): string => `_verani_persist:${key}`;

describe("what tells our rows from Verani's", () => {
  it("[L4] needs no record while no top-level value is a string", async () => {
    const storage = memoryStorage();
    const state = { count: 0, tags: ["a"] };
    const store = await persisted(storage, { state });
    store.state.count = 1;
    store.state.tags = ["b"];
    await store.flush();

    expect([...storage.rows().keys()]).toEqual([row("count"), row("tags")]);
    expect((await persisted(storage.restart(), { state })).state).toEqual({ count: 1, tags: ["b"] });
  });

  it("[L4] writes the record with the first string, once", async () => {
    const storage = memoryStorage();
    const state = { count: 0, name: "" };
    const store = await persisted(storage, { state });
    store.state.count = 1;
    await store.flush();
    store.state.name = "42";
    await store.flush();
    const { rowsWritten } = storage.counts;
    store.state.name = "43";
    await store.flush();

    expect(rowsWritten).toBe(3);
    expect(storage.counts.rowsWritten).toBe(4);
    expect((await persisted(storage.restart(), { state })).state).toEqual({ count: 1, name: "43" });
  });

  it("[L4] writes the record again when it has nothing to say any more, as of a row that could not be read", async () => {
    const storage = memoryStorage({ rows: [[row("box"), "{oops"]] });
    const options = { state: { box: {}, name: "" }, onPersistError: () => {} };
    const store = await persisted(storage, options);
    store.state.name = "Ada";
    await store.flush();
    expect(storage.rows().get(META)).toMatchObject({ foreign: ["box"] });
    store.state.box = { n: 1 };
    await store.flush();

    expect((await persisted(storage.restart(), options)).state).toEqual({ box: { n: 1 }, name: "Ada" });
  });

  it("[L5] reads Verani's JSON, and rewrites all of it with the first flush", async () => {
    const rows: [string, unknown][] = [
      [row("count"), "7"],
      [row("name"), '"Ada"'],
      [row("tags"), '["a"]'],
    ];
    const storage = memoryStorage({ rows });
    const state = { count: 0, name: "", tags: [] as string[] };
    const store = await persisted(storage, { state });
    expect(store.state).toEqual({ count: 7, name: "Ada", tags: ["a"] });
    expect(storage.rows()).toEqual(new Map(rows));
    store.state.count++;
    await store.flush();

    expect(Object.fromEntries(storage.rows())).toMatchObject({
      [row("count")]: 8,
      [row("name")]: "Ada",
      [row("tags")]: ["a"],
    });
    expect(storage.rows().has(META)).toBe(true);
    const { rowsWritten } = storage.counts;
    store.state.tags = ["a", "b"];
    await store.flush();
    expect(storage.counts.rowsWritten - rowsWritten).toBe(1);
    expect((await persisted(storage.restart(), { state })).state).toEqual({
      count: 8,
      name: "Ada",
      tags: ["a", "b"],
    });
  });

  it("[L5] reads a mixture, in which what is no string is ours", async () => {
    const rows: [string, unknown][] = [
      [row("count"), 7],
      [row("name"), '"Ada"'],
    ];
    const store = await persisted(memoryStorage({ rows }), { state: { count: 0, name: "" } });

    expect(store.state).toEqual({ count: 7, name: "Ada" });
  });

  it("[L5] still knows Verani's rows of keys that the program began to persist later", async () => {
    const rows: [string, unknown][] = [
      [row("count"), "7"],
      [row("name"), '"Ada"'],
    ];
    const storage = memoryStorage({ rows });
    const state = { count: 0, name: "" };
    const store = await persisted(storage, { state, persistedKeys: ["count"] });
    store.state.count++;
    await store.flush();
    const again = await persisted(storage.restart(), { state });

    expect(again.state).toEqual({ count: 8, name: "Ada" });
  });

  it.each(["keys", "log"] as const)("[L5] moves an object over to layout %s", async (layout) => {
    const storage = memoryStorage({
      rows: [
        [row("name"), '"Ada"'],
        [row("list"), "[1]"],
      ],
    });
    const options = { state: { name: "", list: [] as number[] }, layout, persistOptions: { shallow: false } };
    const store = await persisted(storage, options);
    store.state.list.push(2);
    await store.flush();

    expect((await persisted(storage.restart(), options)).state).toEqual({ name: "Ada", list: [1, 2] });
  });

  it("[L5] reads what Verani's JSON holds in a form of its own, and leaves a user's data that looks alike", async () => {
    const stored = {
      members: { __type: "Map", entries: [["ann", { __type: "Set", values: [1, 2] }]] },
      filter: { __type: "RegExp", source: "a+", flags: "i" },
      failure: { __type: "Error", name: "TypeError", message: "no" },
      due: "2026-11-24T00:00:00.000Z",
      own: [{ __type: "Date", value: "x" }, { __type: "Map" }, { __type: "Set", values: [1], more: true }],
    };
    const rows = Object.entries(stored).map(([key, value]): [string, unknown] => [
      row(key),
      JSON.stringify(value),
    ]);
    const state: Record<string, unknown> = { members: null, filter: null, failure: null, due: "", own: null };

    const store = await persisted(memoryStorage({ rows }), { state });

    expect(store.state["members"]).toEqual(new Map([["ann", new Set([1, 2])]]));
    expect(store.state["filter"]).toEqual(/a+/i);
    expect(store.state["failure"]).toMatchObject({ name: "TypeError", message: "no" });
    expect(store.state["due"]).toBe(stored.due);
    expect(store.state["own"]).toEqual(stored.own);
  });
});

it.each(["keys", "log"] as const)(
  "[L5] Verani's rows are still read after a record that keys without rows have brought about, layout %s",
  async (layout) => {
    const storage = memoryStorage({
      rows: [
        ["_verani_persist:text", '"123"'],
        ["_verani_persist:list", "[1]"],
      ],
    });
    const options = { layout, state: { note: "", text: "", list: [] as number[] } };
    const first = await persisted(storage, { ...options, persistedKeys: ["note"] });
    first.state.note = "new";
    await first.flush();
    const { state } = await persisted(storage.restart(), options);

    expect(state).toEqual({ note: "new", text: "123", list: [1] });
  },
);
