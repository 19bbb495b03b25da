// The rows of a log are used again and again: what an earlier use has left in them must count for nothing.
import { persisted, type PersistedStore } from "@dormouse/do-runtime";
import { type MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { FOLD_AT } from "../../../packages/do-runtime/src/layout/log-rows.ts";

const options = {
  // Large beside what changes, so that no checkpoint pays.
  state: { text: "x".repeat(100_000), list: [] as string[] },
  layout: "log" as const,
  persistOptions: { shallow: false },
};
type Store = PersistedStore<typeof options.state>;

/** More than a slot takes: has a segment of its own. */
const long = "y".repeat(1_500);

async function push(store: Store, count: number, item = "z"): Promise<void> {
  for (let done = 0; done < count; done++) {
    store.state.list.push(item);
    await store.flush();
  }
}

/** A store with all keys in its log. */
async function begin(storage: MemoryStorage): Promise<Store> {
  const store = await persisted(storage, options);
  store.state.text += "y";
  store.state.list.push("first");
  await store.flush();
  return store;
}

const segmentsOf = (storage: MemoryStorage) =>
  [...storage.rows().keys()].filter((row) => row.startsWith("_dormouse:seg:"));

it("[P25] after deleteAll() in the middle of a fold the slots are folded again", async () => {
  let held = Promise.resolve();
  const storage = memoryStorage({ backend: "kv", settle: () => held });
  const store = await begin(storage);
  store.state.list.push("x".repeat(100_000));
  await store.flush();
  await push(store, FOLD_AT - 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  for (let change = 0; change < 3; change++) {
    store.state.list.push("held");
    await Promise.resolve();
    await Promise.resolve();
  }
  const before = segmentsOf(storage);
  const emptied = storage.deleteAll();
  resolve();
  await emptied;
  await push(store, 3 * FOLD_AT);

  expect(before.length).toBeGreaterThan(0);
  const slots = [...storage.rows().keys()].filter((row) => /^_dormouse:\d+$/.test(row));
  expect(slots.length).toBeLessThanOrEqual(FOLD_AT);
  expect((await persisted(storage.restart(), options)).state.list).toEqual(store.state.list);
});

it("[P37] segments that a checkpoint has made worthless are written over", async () => {
  const storage = memoryStorage();
  const store = await begin(storage);
  await push(store, 4, long);
  const before = segmentsOf(storage);
  // Every key whole: a snapshot takes the place of all records.
  store.state.text = "x".repeat(100_000);
  store.state.list = [];
  await store.flush();

  const woken = storage.restart();
  await push(await persisted(woken, options), 2, long);
  expect(before.length).toBeGreaterThan(2);
  expect(segmentsOf(woken)).toEqual(before);
  expect((await persisted(woken.restart(), options)).state.list).toEqual([long, long]);
});

it("[P37] they are written over by the same object, too", async () => {
  const storage = memoryStorage();
  const store = await begin(storage);
  for (let round = 0; round < 5; round++) {
    await push(store, 4, long);
    store.state.text = "x".repeat(100_000 + round);
    store.state.list = [];
    await store.flush();
  }

  expect(segmentsOf(storage).length).toBeGreaterThan(2);
  expect(segmentsOf(storage).length).toBeLessThan(10);
});

it("[P26] a log of what has become small stays small, though it was large before", async () => {
  const storage = memoryStorage();
  const store = await begin(storage);
  const snapshot = () => (storage.rows().get("_dormouse:snapshot") as { sequence: number }).sequence;
  const { state } = store;
  const first = snapshot();
  while (snapshot() === first) {
    state.list = [long];
    await store.flush();
  }
  state.text = "";
  await store.flush();
  const before = segmentsOf(storage).length;
  let [last, apart] = [snapshot(), 0];
  for (let flush = 0; flush < 100; flush++) {
    state.list = [long];
    await store.flush();
    apart = snapshot() === last ? apart + 1 : 0;
    last = snapshot();
    expect(apart).toBeLessThan(20);
  }
  expect(segmentsOf(storage).length).toBe(before);
});

it("[P37] a slot whose record stands in a segment is free after a wake", async () => {
  const storage = memoryStorage();
  const store = await begin(storage);
  await push(store, FOLD_AT + 1);
  expect(segmentsOf(storage).length).toBeGreaterThan(0);

  const woken = storage.restart();
  const again = await persisted(woken, options);
  // If the folded ones counted as taken, this would be folded at once.
  const segments = segmentsOf(woken);
  await push(again, FOLD_AT - 4);
  expect(segmentsOf(woken)).toEqual(segments);
});

it("[P37] no number is used twice, though the records it was highest in are gone", async () => {
  const storage = memoryStorage();
  const store = await begin(storage);
  await push(store, 3);
  store.state.text = "x".repeat(100_000);
  store.state.list = [];
  await store.flush();
  // The snapshot is the latest there is. As keys the log is folded, and its rows stay behind.
  const second = storage.restart();
  const asKeys = await persisted(second, { ...options, layout: "keys" });
  asKeys.state.list.push("by key");
  await asKeys.flush();

  const third = second.restart();
  const asLog = await persisted(third, options);
  expect(asLog.state.list).toEqual(["by key"]);
  await push(asLog, 1, "by log");
  expect((await persisted(third.restart(), options)).state.list).toEqual(["by key", "by log"]);
});

it("[L1] [P37] more segments than a call takes are read, and the next ones follow them", async () => {
  const storage = memoryStorage();
  const store = await begin(storage);
  store.state.text += "x".repeat(900_000);
  await store.flush();
  await push(store, 140, long);
  expect(segmentsOf(storage).length).toBeGreaterThan(135);

  const woken = storage.restart();
  const again = await persisted(woken, options);
  expect(again.state.list).toHaveLength(141);
  await push(again, 3, long);
  const { state } = await persisted(woken.restart(), options);
  expect(state.list).toHaveLength(144);
});
