import { persisted, type PersistedOptions, type PersistedStore } from "@dormouse/do-runtime";
import { memoryStorage, type MemoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { KV_LIMITS } from "../../../packages/do-runtime/src/limits.ts";

interface Document {
  text: string;
  tags: string[];
  shared?: { list: number[] };
}
interface Desk {
  left: Document;
  right: Document;
  note: string | undefined;
}

const document = (length: number): Document => ({ text: "x".repeat(length), tags: [] });
const newDesk = (): Desk => ({ left: document(10), right: document(10), note: "none" });

const open = (
  storage: MemoryStorage,
  options: Partial<PersistedOptions<Desk>> = {},
): Promise<PersistedStore<Desk>> =>
  persisted(storage, { state: newDesk, persistOptions: { shallow: false }, layout: "log", ...options });

const rowsOf = (storage: MemoryStorage) => [...storage.rows().keys()].toSorted();

/** A store whose log is one snapshot of both documents. */
async function snapshotted(length = 2_000): Promise<{ storage: MemoryStorage; store: PersistedStore<Desk> }> {
  const storage = memoryStorage();
  const store = await open(storage);
  store.state.left = document(length);
  store.state.right = document(length);
  await store.flush();
  return { storage, store };
}

describe("a snapshot in the log", () => {
  it("[P39] holds all keys that are written whole in one row", async () => {
    const { storage, store } = await snapshotted();

    expect(rowsOf(storage)).toEqual(["_dormouse:meta", "_dormouse:snapshot"]);
    for (let write = 0; write < 5; write++) {
      const before = storage.counts.rowsWritten;
      store.state.left = document(2_000 + write);
      store.state.right = document(2_000 + write);
      await store.flush();
      expect(storage.counts.rowsWritten - before).toBe(1);
    }
    const woken = await open(storage.restart());
    expect(woken.state).toEqual({ left: document(2_004), right: document(2_004), note: "none" });
  });

  it("[P39] takes the place of the records before it, and those after it go on from there", async () => {
    const { storage, store } = await snapshotted();
    for (let write = 0; write < 300; write++) {
      const before = storage.counts.rowsWritten;
      store.state.left.tags[write % 7] = "t".repeat(write % 100);
      await store.flush();
      expect(storage.counts.rowsWritten - before).toBe(1);
      if (write % 20 === 0) expect((await open(storage.restart())).state).toEqual(store.state);
    }

    expect(rowsOf(storage).filter((row) => row.startsWith("_verani_persist:"))).toEqual([]);
  });

  it.each(["deep", "shallow"])(
    "[P4] [P30] keeps a key deleted that the state has and the program doesn't persist any more, %s",
    async (mode) => {
      const { storage, store } = await snapshotted();
      Reflect.deleteProperty(store.state, "note");
      await store.flush();
      store.dispose();

      const fewer = await open(storage, {
        persistedKeys: ["left", "right"],
        persistOptions: { shallow: mode === "shallow" },
      });
      fewer.state.note = "not to be stored";
      for (let write = 0; write < 10; write++) {
        fewer.state.left = document(3_000 + write);
        await fewer.flush();
      }
      const woken = await open(storage.restart());

      expect(Object.keys(woken.state).toSorted()).toEqual(["left", "right"]);
    },
  );

  it("[P30] keeps a key undefined that was deleted before there was a log", async () => {
    const storage = memoryStorage();
    const store = await open(storage, { layout: "keys" });
    Reflect.deleteProperty(store.state, "note");
    await store.flush();
    store.dispose();

    const logged = await open(storage);
    Object.assign(logged.state, { left: document(2_000), right: document(2_000), note: undefined });
    await logged.flush();
    const woken = await open(storage.restart());

    expect(rowsOf(storage)).toEqual(["_dormouse:meta", "_dormouse:snapshot"]);
    expect(woken.state).toStrictEqual(logged.state);
  });

  it("[P30] keeps what is deleted and what is undefined", async () => {
    const { storage, store } = await snapshotted();
    store.state.note = undefined;
    store.state.left = document(3_000);
    store.state.right = document(3_000);
    await store.flush();
    expect(rowsOf(storage)).toEqual(["_dormouse:meta", "_dormouse:snapshot"]);
    expect((await open(storage.restart())).state.note).toBeUndefined();

    Reflect.deleteProperty(store.state, "note");
    store.state.left = document(4_000);
    store.state.right = document(4_000);
    await store.flush();
    const { state } = await open(storage.restart());
    expect(Object.hasOwn(state, "note")).toBe(false);
    expect(state.right).toEqual(document(4_000));
  });

  it("[P30] makes two keys' shared object two, so that no patch comes twice", async () => {
    const { storage, store } = await snapshotted();
    const shared = { list: [1] };
    store.state.left = { ...document(3_000), shared };
    store.state.right = { ...document(3_000), shared };
    await store.flush();
    const later = storage.restart();
    const woken = await open(later);
    woken.state.left.shared?.list.push(2);
    await woken.flush();
    expect(woken.state.right.shared).toEqual({ list: [1] });

    const again = await open(later.restart());
    expect(again.state.left.shared).toEqual({ list: [1, 2] });
    expect(again.state.right.shared).toEqual({ list: [1] });
  });

  it("[P29] gives way to the keys' rows where it would be too large, and comes back", async () => {
    const { storage, store } = await snapshotted();
    store.state.left = document(1_500_000);
    store.state.right = document(1_500_000);
    await store.flush();
    expect(rowsOf(storage).filter((row) => row.startsWith("_verani_persist:"))).toHaveLength(2);
    expect((await open(storage.restart())).state.right.text).toHaveLength(1_500_000);

    store.state.left = document(5_000);
    store.state.right = document(5_000);
    await store.flush();
    expect((await open(storage.restart())).state).toEqual(store.state);
  });

  it("[P14] [P29] gives way also where keys that are gone leave it no room", async () => {
    const names = Array.from("абвгдежзиклмнопрстуфхцчшщэюя");
    const state = Object.fromEntries(["text", ...names].map((name) => [name, "" as string | undefined]));
    for (let left = 0; left < 700; left += 20) {
      const storage = memoryStorage({ backend: "kv" });
      const store = await persisted(storage, { state, layout: "log" });
      store.state["text"] = "x".repeat(KV_LIMITS.maxValueBytes - left);
      for (const name of names) store.state[name] = undefined;
      await store.flush();

      expect((await persisted(storage.restart(), { state, layout: "log" })).state).toEqual(store.state);
    }
  });

  it("[L9] is found when the layout changes, and not when it changed back", async () => {
    const { storage } = await snapshotted();
    const second = storage.restart();
    const asKeys = await open(second, { layout: "keys" });
    expect(asKeys.state.left).toEqual(document(2_000));
    asKeys.state.left.tags.push("by key");
    await asKeys.flush();

    const third = second.restart();
    const asLog = await open(third);
    expect(asLog.state.left.tags).toEqual(["by key"]);
    asLog.state.right.tags.push("by log");
    await asLog.flush();
    expect((await open(third.restart())).state).toEqual(asLog.state);
  });

  it("[L4] has the record say a format of its own, also over a log that was begun without snapshots", async () => {
    const { storage } = await snapshotted();
    expect(storage.rows().get("_dormouse:meta")).toEqual({ format: 2, layout: "log", version: 0 });

    const older = memoryStorage({
      rows: [
        ["_verani_persist:left", document(20)],
        ["_dormouse:meta", { format: 1, layout: "log", version: 0, base: 7 }],
      ],
    });
    const store = await open(older);
    expect(store.state.left).toEqual(document(20));
    store.state.left.tags.push("new");
    await store.flush();
    expect(older.rows().get("_dormouse:meta")).toEqual({ format: 2, layout: "log", version: 0, base: 7 });
    expect((await open(older.restart())).state.left.tags).toEqual(["new"]);
  });

  it("[P35] that fails leaves what was stored, and is written again", async () => {
    const { storage, store } = await snapshotted();
    storage.failWhen(({ method }) => method === "put");
    store.state.left = document(3_000);
    store.state.right = document(3_000);
    await expect(store.flush()).rejects.toThrow();
    expect((await open(storage.restart())).state.left).toEqual(document(2_000));

    storage.failWhen(() => false);
    await store.flush();
    expect((await open(storage.restart())).state).toEqual(store.state);
  });
});

describe.each([40, 40_000])("a checkpoint in shallow mode, of values of %i characters", (length) => {
  const options = {
    state: { prefs: { size: 1, text: "" }, list: [0], gone: 0 as unknown, count: 0 },
    layout: "log" as const,
  };
  type Store = PersistedStore<typeof options.state>;

  /** Enough flushes for more than one. */
  const count = async (store: Store): Promise<void> => {
    for (let flush = 0; flush < 80; flush++) {
      store.state.count++;
      await store.flush();
    }
  };

  it("[P32] has what was assigned, not what was changed inside since", async () => {
    const storage = memoryStorage({ backend: "kv" });
    const store = await persisted(storage, options);
    store.state.prefs = { size: 2, text: "x".repeat(length) };
    store.state.list = [1];
    Reflect.deleteProperty(store.state, "gone");
    await store.flush();
    store.state.prefs.size = 3;
    await count(store);

    const woken = storage.restart();
    const again = await persisted(woken, options);
    expect(again.state.prefs.size).toBe(2);
    again.state.prefs.size = 4;
    again.state.list.push(2);
    await count(again);
    again.state.list = [...again.state.list];
    await count(again);

    const last = await persisted(woken.restart(), options);
    expect(last.state).toEqual({ prefs: { size: 2, text: "x".repeat(length) }, list: [1, 2], count: 240 });
  });
});

it("[P32] a snapshot of a shallow state has no live object in it, not even the first", async () => {
  const storage = memoryStorage();
  const options = { layout: "log", persistOptions: { shallow: true } } as const;
  const store = await open(storage, options);
  store.state.left = document(2_000);
  store.state.right = document(2_000);
  await store.flush();
  store.state.left.tags.push("unseen");
  const first = storage.rows().get("_dormouse:snapshot") as { sequence: number };
  let last = first;
  for (let write = 0; last.sequence === first.sequence; write++) {
    store.state.right = document(2_000 + write);
    await store.flush();
    last = storage.rows().get("_dormouse:snapshot") as { sequence: number };
  }

  expect((await open(storage.restart(), options)).state.left).toEqual(document(2_000));
});
