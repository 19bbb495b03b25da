// What can be in storage that nobody wrote so: a wake must not fail on it with an error of its own, nor lose what comes after.
import { persisted, PersistError } from "@dormouse/do-runtime";
import { type MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KV_LIMITS } from "../../../packages/do-runtime/src/limits.ts";
import { flattenPatches, unflattenPatches } from "../../../packages/do-runtime/src/layout/record.ts";
import { RUNS } from "../../support/runs.ts";

const newState = () => ({
  board: { cards: [{ title: "first", done: false }] } as unknown,
  tags: new Set(["a"]) as unknown,
  note: "" as unknown,
});
const KEYS = ["board", "tags", "note"] as const;

type Rows = [string, unknown][];

/** Rows are small there, so that a value larger than one is soon read. */
const backend = "kv";

/** The rows of a state that was changed in many ways: as many flushes as asked for, at last one of a value larger than a row. */
async function written(layout: "keys" | "log", flushes: number, isLarge: boolean): Promise<Rows> {
  const storage = memoryStorage({ backend });
  const options = { state: newState, layout, version: 1, persistOptions: { shallow: false } } as const;
  const store = await persisted(storage, options);
  const board = () => store.state.board as { cards: unknown[] };
  for (let count = 0; count < flushes; count++) {
    board().cards.push({ title: `card ${count}`, done: count % 2 === 0 });
    (store.state.tags as Set<unknown>).add(count);
    if (count % 3 === 0) store.state.note = `note ${count}`;
    if (count % 7 === 6) delete (store.state as Record<string, unknown>)["note"];
    await store.flush();
  }
  if (isLarge) board().cards.push("x".repeat(KV_LIMITS.maxValueBytes));
  await store.flush();
  return [...storage.rows()];
}

const junk = fc.constantFrom<unknown>(
  null,
  7,
  -1n,
  "text",
  {},
  { sequence: 9 },
  { sequence: 9, values: 1, gone: [] },
  { sequence: 1e9, part: 0, parts: 1, bytes: "x" },
  [],
  new Map(),
  new Map<unknown, unknown>([[{}, 1]]),
  new Date(Number.NaN),
  new Uint8Array(0),
  new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255, 255, 255]),
);

/** One row as it could be after a mishap. */
const damage = fc.oneof(
  junk.map((value) => () => value),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => (value: unknown) => {
    if (!(value instanceof Uint8Array) || value.length === 0) return null;
    const changed = value.slice();
    const index = at % changed.length;
    changed[index] = (changed[index] ?? 0) ^ flip;
    return changed;
  }),
  fc.nat().map((at) => (value: unknown) => {
    if (!(value instanceof Uint8Array)) return undefined;
    return value.slice(0, at % (value.length + 1));
  }),
);

it("[L6] ends at a record whose patches would lead backwards", () => {
  const patches = [{ op: "set", path: ["a"], value: 1 }] as const;
  expect(unflattenPatches(flattenPatches(patches))).toEqual(patches);
  expect(() => unflattenPatches([-10, "a", 1])).toThrow("unknown patch -10");
  expect(() => unflattenPatches([5, "a"])).toThrow("cut off after 2 values");
});

it("[L6] a key whose record doesn't fit is reported and has its default, not half of the record", async () => {
  const options = {
    state: { board: { by: "default" } as Record<string, unknown>, note: "" },
    layout: "log" as const,
    persistOptions: { shallow: false },
  };
  const flushed = async (board: Record<string, unknown>) => {
    const storage = memoryStorage();
    const store = await persisted(storage, options);
    store.state.board = board;
    store.state.note = "kept";
    await store.flush();
    return { storage, store };
  };
  const { storage, store } = await flushed({ a: { n: 1 } });
  store.state.board["b"] = 2;
  (store.state.board["a"] as { n: number }).n = 2;
  await store.flush();
  const other = await flushed({});

  const rows = new Map([...storage.rows(), ["_dormouse:0", other.storage.rows().get("_dormouse:0")]]);
  const reported: string[] = [];
  const onPersistError = (key: string, { message }: PersistError) => void reported.push(`${key}: ${message}`);
  const message: unknown = expect.stringMatching(/^board: .*"board" in the log can't be read/);
  const again = await persisted(memoryStorage({ rows }), { ...options, onPersistError });

  expect(again.state).toEqual({ board: { by: "default" }, note: "kept" });
  expect(reported).toEqual([message]);

  // No checkpoint takes its default for its value.
  const kept = memoryStorage({ rows });
  const busy = await persisted(kept, { ...options, onPersistError: () => {} });
  for (let flush = 0; flush < 90; flush++) {
    busy.state.note = `${flush}`;
    await busy.flush();
  }
  const still: string[] = [];
  const woken = await persisted(kept.restart(), {
    ...options,
    onPersistError: (key) => void still.push(key),
  });
  expect(woken.state).toEqual({ board: { by: "default" }, note: "89" });
  expect(still).toEqual(["board"]);

  // Under another layout, too, and its other keys go on.
  const asKeys = { ...options, layout: "keys" as const, onPersistError };
  const damaged = memoryStorage({ rows });
  const first = await persisted(damaged, asKeys);
  first.state.note = "changed";
  await first.flush();
  const second = await persisted(damaged.restart(), asKeys);
  expect(second.state).toEqual({ board: { by: "default" }, note: "changed" });
  expect(reported).toEqual([message, message, message]);

  first.state.board = { by: "hand" };
  await first.flush();
  const mended = damaged.restart();
  const third = await persisted(mended, asKeys);
  expect(third.state).toEqual({ board: { by: "hand" }, note: "changed" });
  expect(reported).toHaveLength(3);
  expect(mended.rows().get("_verani_persist:board")).toEqual({ by: "hand" });
});

describe.each(["keys", "log"] as const)("stored values that were damaged, layout %s", (layout) => {
  const flushes: readonly (readonly [flushes: number, isLarge: boolean])[] = [
    [1, false],
    [5, layout === "log"],
    [40, false],
    [70, layout === "log"],
  ];

  it("[L6] are refused as a PersistError, or reported, and what is written after that is there again", async () => {
    const states = await Promise.all(flushes.map((state) => written(layout, ...state)));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...states.keys()),
        fc.array(fc.tuple(fc.nat(), damage), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...KEYS),
        async (state, damages, key) => {
          const rows = states[state] ?? [];
          const damaged = new Map(rows);
          for (const [at, change] of damages) {
            const [row] = rows[at % rows.length] ?? [""];
            const value = change(damaged.get(row));
            if (value === undefined) damaged.delete(row);
            else damaged.set(row, value);
          }
          const storage = memoryStorage({ backend, rows: [...damaged] });
          const options = {
            state: newState,
            layout,
            version: 1,
            persistOptions: { shallow: false },
            onPersistError: (_: string, error: unknown) => expect(error).toBeInstanceOf(PersistError),
          } as const;
          const store = await persisted(storage, options).catch((error: unknown) => {
            expect(error).toBeInstanceOf(PersistError);
            return undefined;
          });
          if (store === undefined) return;
          store.state[key] = { fresh: ["value"] };
          await store.flush();
          (store.state[key] as { fresh: string[] }).fresh.push("more");
          await store.flush();
          const again = await persisted(storage.restart(), options);
          expect(again.state[key]).toEqual({ fresh: ["value", "more"] });
        },
      ),
      { numRuns: RUNS },
    );
  });
});

// More than a slot takes: each has a segment of its own.
const long = (name: string) => name.padEnd(1500);
const names = (list: readonly string[]) => list.map((item) => item.trim());

describe("a log of many segments, some of which can't be read", () => {
  const options = {
    state: { list: [] as string[], count: 0, text: "x".repeat(200_000) },
    layout: "log" as const,
    persistOptions: { shallow: false },
    onPersistError: () => {},
  };
  it.each([
    [[0], 13],
    [[3], 13],
    [[4], 13],
    [[7], 13],
    [[11], 13],
    // Both of the two that tell whether there are more.
    [[3, 4], 13],
    // One of the first call for more: there are more than that.
    [[50], 140],
  ])(
    "[L6] has at each wake what was written after the damage, and nothing of what was lost by it (segments %j of %i)",
    async (damaged, written) => {
      let storage = memoryStorage();
      const store = await persisted(storage, options);
      store.state.text += "y";
      await store.flush();
      for (let count = 0; count < written; count++) {
        store.state.list.push(long(`${count}`));
        await store.flush();
      }
      for (const segment of damaged) {
        const row = `_dormouse:seg:${String(segment).padStart(8, "0")}`;
        expect(storage.rows().has(row)).toBe(true);
        storage.makeUnreadable(row);
      }

      // The first stands in the row of its key.
      const expected = Array.from({ length: Math.min(...damaged) + 1 }, (_, count) => `${count}`);
      for (let wake = 0; wake < 8; wake++) {
        storage = storage.restart();
        const woken = await persisted(storage, options);
        expect(names(woken.state.list)).toEqual(expected);
        expect(woken.state.count).toBe(wake);
        woken.state.list.push(long(`after ${wake}`));
        await woken.flush();
        woken.state.count++;
        await woken.flush();
        expected.push(`after ${wake}`);
      }
    },
  );
});

it("[L6] [L8] a migration leaves a log in which a key can't be read as it is", async () => {
  const first = memoryStorage();
  const options = {
    state: { board: {} as Record<string, unknown>, note: "" },
    layout: "log" as const,
    persistOptions: { shallow: false },
    onPersistError: () => {},
  };
  const store = await persisted(first, options);
  store.state.board = { a: { n: 1 } };
  store.state.note = "kept";
  await store.flush();
  (store.state.board["a"] as { n: number }).n = 2;
  await store.flush();
  const other = memoryStorage();
  const second = await persisted(other, options);
  second.state.board = {};
  second.state.note = "kept";
  await second.flush();
  const rows = new Map([...first.rows(), ["_dormouse:0", other.rows().get("_dormouse:0")]]);
  const storage = memoryStorage({ rows });
  const migrating = persisted(storage, { ...options, version: 1, migrate: () => {} });

  await expect(migrating).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
  expect(storage.rows()).toEqual(rows);
});

const countTwo = (old: Record<string, unknown>): void => void (old["count"] = 2);

it.each(["keys", "log"] as const)(
  "[L6] [L8] [L9] a key that can't be read is gone once it is deleted, and stands in nobody's way, layout %s",
  async (layout) => {
    const storage = memoryStorage({ rows: [["_verani_persist:broken", "{oops"]] });
    const state: Record<string, unknown> = { broken: 0, count: 0 };
    const reported: string[] = [];
    const options = { state, layout, onPersistError: (key: string) => void reported.push(key) };
    const store = await persisted(storage, options);
    expect(reported.splice(0)).toEqual(["broken"]);
    delete store.state["broken"];
    store.state["count"] = 1;
    await store.flush();

    const again = await persisted(storage.restart(), options);
    expect(again.state).toEqual({ count: 1 });
    const other = layout === "keys" ? "log" : "keys";
    const restarted = storage.restart();
    await persisted(restarted, { ...options, layout: other, version: 1, migrate: countTwo });
    await restarted.sync();
    expect((await persisted(restarted.restart(), { ...options, layout: other, version: 1 })).state).toEqual({
      count: 2,
    });
    expect(reported).toEqual([]);
  },
);

it("[L8] a migration needs no row that can't be read where the log has had a value for its key since", async () => {
  const options = { state: { note: "", count: 0 }, onPersistError: () => {} };
  const storage = memoryStorage();
  const store = await persisted(storage, options);
  store.state.note = "lost";
  await store.flush();
  storage.makeUnreadable("_verani_persist:note");
  const restarted = storage.restart();
  const second = await persisted(restarted, { ...options, layout: "log" });
  second.state.note = "new";
  await second.flush();

  const migrated = await persisted(restarted.restart(), {
    ...options,
    layout: "log",
    version: 1,
    migrate: countTwo,
  });
  expect(migrated.state).toEqual({ note: "new", count: 2 });
});

describe("rows of a log that vanished", () => {
  const options = {
    state: { list: [] as string[], text: "x".repeat(5_000), count: 0 },
    layout: "log" as const,
    persistOptions: { shallow: false },
  };
  async function flushed(flushes: number): Promise<MemoryStorage> {
    const storage = memoryStorage();
    const store = await persisted(storage, options);
    for (let count = 1; count <= flushes; count++) {
      store.state.list.push(count % 9 === 3 ? long(`${count}`) : `${count}`);
      store.state.text += "y";
      store.state.count = count;
      await store.flush();
    }
    return storage;
  }

  /** What a wake finds without the row, and what it reports. */
  async function wake(storage: MemoryStorage, row: string) {
    const rows = storage.rows();
    rows.delete(row);
    const reported: PersistError[] = [];
    const onPersistError = (_: string, error: PersistError) => void reported.push(error);
    const { state } = await persisted(memoryStorage({ rows }), { ...options, onPersistError });
    return { count: state.count, reported };
  }

  it.each([1, 2, 10, 20, 60])(
    "[L6] are reported, where later ones tell of them (%i flushes)",
    async (flushes) => {
      const storage = await flushed(flushes);
      const records = [...storage.rows().keys()].filter((row) => /^_dormouse:(?!meta)/.test(row));
      const wakes = await Promise.all(records.map((row) => wake(storage, row)));

      for (const { count, reported } of wakes) {
        // That the last row is missing nobody can tell.
        if (count === flushes || count === flushes - 1) continue;
        expect(reported).toMatchObject([
          {
            code: "STORED_VALUE_UNREADABLE",
            message: expect.stringMatching(/is missing; the state is what it was before.* earlier bookmark/),
          },
        ]);
      }
    },
  );

  it("[L6] are refused without their record, and nothing is written", async () => {
    const rows = (await flushed(3)).rows();
    rows.delete("_dormouse:meta");
    const storage = memoryStorage({ rows });

    await expect(persisted(storage, options)).rejects.toMatchObject({
      code: "STORED_VALUE_UNREADABLE",
      message: expect.stringContaining('"_dormouse:meta" can\'t be read'),
      cause: new Error("it is missing, though there are rows of a log"),
    });
    expect(storage.rows()).toEqual(rows);
  });

  it("[L6] are refused without their record, also where an earlier log was before them", async () => {
    let storage = await flushed(3);
    await persisted(storage, { ...options, layout: "keys" });
    const store = await persisted(storage, options);
    store.state.count++;
    await store.flush();
    storage = storage.restart();
    await storage.delete("_dormouse:meta");
    for (const slot of [0, 1, 2]) await storage.delete(`_dormouse:${slot}`);
    await storage.delete("_dormouse:snapshot");

    await expect(persisted(storage, options)).rejects.toMatchObject({ code: "STORED_VALUE_UNREADABLE" });
  });
});

const reportTo =
  (reported: string[]) =>
  (key: string, { message, cause }: PersistError) =>
    void reported.push(`${key}: ${message} ${String(cause)}`);

describe("values larger than a row", () => {
  it.each(["missing", "unreadable"])("[L6] are reported where a part is %s, and kept", async (how) => {
    const options = { state: { text: "", count: 0 }, layout: "log" as const };
    const storage = memoryStorage({ backend });
    const store = await persisted(storage, options);
    store.state.text = "x".repeat(300_000);
    await store.flush();
    const damaged = storage.restart();
    const part = "_dormouse:part:1:text";
    expect(damaged.rows().has(part)).toBe(true);
    if (how === "missing") await damaged.delete(part);
    else damaged.makeUnreadable(part);

    const reported: string[] = [];
    const again = await persisted(damaged, { ...options, onPersistError: reportTo(reported) });
    expect(again.state).toEqual({ text: "", count: 0 });
    expect(reported).toEqual([expect.stringMatching(/^text: .*"text" in .* can't be read/)]);
    again.state.count = 1;
    await again.flush();
    expect(damaged.rows().has("_dormouse:part:0:text")).toBe(true);
    again.state.text = "new";
    await again.flush();
    const { state } = await persisted(damaged.restart(), options);
    expect(state).toEqual({ text: "new", count: 1 });
  });

  it("[L6] whose record lost a piece are not mixed with the next", async () => {
    const options = {
      state: { list: [] as string[], text: "x".repeat(1_500_000) },
      layout: "log" as const,
      persistOptions: { shallow: false },
    };
    const storage = memoryStorage({ backend });
    const store = await persisted(storage, options);
    store.state.text += "y";
    store.state.list.push("first");
    await store.flush();
    store.state.list.push("a".repeat(300_000));
    await store.flush();
    const rows = storage.rows();
    const pieces = [...rows].filter(
      ([row, value]) => row.startsWith("_dormouse:seg:") && !(value instanceof Uint8Array),
    );
    expect(pieces.length).toBeGreaterThan(2);
    rows.delete(pieces[0]?.[0] ?? "");

    const damaged = memoryStorage({ backend, rows });
    const reported: string[] = [];
    const again = await persisted(damaged, { ...options, onPersistError: reportTo(reported) });
    expect(again.state.list).toEqual(["first"]);
    expect(reported).toEqual([expect.stringContaining("a row of the log can't be read or is missing")]);
    again.state.list.push("small");
    await again.flush();
    again.state.list.push("b".repeat(300_000));
    await again.flush();
    const { state } = await persisted(damaged.restart(), options);
    expect(state.list).toEqual(["first", "small", "b".repeat(300_000)]);
  });
});
