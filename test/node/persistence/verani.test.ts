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
    expect((await persisted(storage.restart(), { state })).state).toEqual({
      count: 8,
      name: "Ada",
      tags: ["a"],
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
});
