// Several flushes of a log on their way at once, of which some are rejected: what follows must build on what is stored.
import { persisted, type PersistedOptions } from "@dormouse/do-runtime";
import { type MemoryStorage, memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { FIRST_SEGMENTS, FOLD_AT } from "../../../packages/do-runtime/src/layout/log-rows.ts";

/** More than a slot takes. */
const long = (name: string) => name.padEnd(1_500);
/** More than a row takes. */
const large = (name: string) => name.padEnd(200_000);

const newState = () => ({ list: [] as string[], text: "", count: 0 });
type State = ReturnType<typeof newState>;

const options: PersistedOptions<State> = {
  state: newState,
  layout: "log",
  persistOptions: { shallow: false, throwOnError: false },
  onPersistError: () => {},
};

/** A store whose writes are answered one by one, when the test says so. */
async function open(from: MemoryStorage = memoryStorage({ backend: "kv" })) {
  const answers: (() => void)[] = [];
  let isSlow = false;
  const storage = from.restart({
    backend: "kv",
    settle: async () => {
      if (isSlow) await new Promise<void>((resolve) => answers.push(resolve));
    },
  });
  const store = await persisted(storage, options);
  const { state } = store;
  return {
    storage,
    state,
    flush() {
      isSlow = false;
      return store.flush();
    },
    /** Submits what was changed, and rejects it where asked. */
    submit(fate: "taken" | "rejected" = "taken") {
      isSlow = true;
      storage.failWhen(({ method }) => fate === "rejected" && method !== "get");
      void store.beforeSend();
      storage.failWhen(() => false);
    },
    /** Answers the write that has waited longest. */
    async answer() {
      answers.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    /** Answers all, and from now on at once; what a wake finds without another flush. */
    async wake(): Promise<State> {
      isSlow = false;
      while (answers.length > 0) await this.answer();
      await storage.sync();
      return { ...(await persisted(storage.restart({ backend: "kv" }), options)).state };
    },
  };
}

it("[P35] a key has all of its value after one that its latest flush builds on is lost", async () => {
  const store = await open();
  store.state.list.push("a");
  store.state.count = 1;
  await store.flush();
  store.state.count = 2;
  store.submit("rejected");
  store.state.list.push("b");
  store.submit();
  await store.answer();
  // The second is still on its way, and lost with the first.
  store.state.list.push("c");
  store.submit();
  await store.answer();

  expect(await store.wake()).toEqual({ list: ["a", "b", "c"], text: "", count: 2 });
});

it("[P35] a key has all of its value where its own row was rejected", async () => {
  const store = await open();
  store.state.list.push(long("before"));
  await store.flush();
  expect([...store.storage.rows().keys()]).toContain("_verani_persist:list");
  store.state.list = [long("a")];
  store.submit("rejected");
  store.state.list.push("b");
  store.submit();
  await store.answer();
  await store.answer();

  expect((await store.wake()).list).toEqual([long("a"), "b"]);
});

/** A log that the next large record makes a checkpoint of, in rows of the keys. */
async function beforeCheckpoint() {
  const store = await open();
  store.state.text = large("first");
  store.state.list.push("a");
  store.state.count = 1;
  await store.flush();
  for (let flush = 0; flush < 3; flush++) {
    store.state.list.push(`${flush}`);
    store.state.count++;
    await store.flush();
  }
  return store;
}
it("[P12] [P35] what is written while the record is put again has it, too", async () => {
  const store = await open();
  Object.assign(store.state, { text: { long: long(""), proxy: new Proxy({}, {}) } });
  store.submit();
  // Of the record alone, which is put again since the write of a foreign proxy was rejected.
  store.storage.failWhen(({ method }) => method === "put");
  await store.answer();
  store.state.count = 5;
  store.submit();
  await store.answer();
  await store.answer();

  expect(await store.wake()).toEqual({ list: [], text: "", count: 5 });
});

it("[P35] a checkpoint in the keys' rows that is rejected puts nothing of other keys out of use", async () => {
  const storage = memoryStorage();
  const store = await persisted(storage, options);
  const { state } = store;
  const text = "x".repeat(2_500_000);
  const flush = async (change: () => void) => {
    change();
    await store.flush();
  };
  await flush(() => state.count++);
  await flush(() => void (state.text = text));
  const rejected: string[][] = [];
  storage.failWhen(({ keys }) => {
    const isFirst = rejected.length === 0 && keys.some((key) => key.includes("part:"));
    if (isFirst) rejected.push([...keys]);
    return isFirst;
  });
  for (let round = 0; round < 60 && rejected.length === 0; round++)
    await flush(() => void (state.list = [`${round}`.padEnd(150_000)]));
  // So little that no checkpoint pays.
  await flush(() => void (state.list = []));
  await storage.sync();
  const first = await persisted(storage.restart(), options);

  expect(rejected).toHaveLength(1);
  expect(first.state).toEqual(state);
  for (let round = 0; round < 40; round++)
    await flush(() => void (state.list = [`${round}`.padEnd(150_000)]));
  const second = await persisted(storage.restart(), options);
  expect(second.state).toEqual(state);
});

it("[P37] a segment that is begun while a checkpoint is on its way is not written over", async () => {
  const store = await beforeCheckpoint();
  for (let flush = 0; flush < 3; flush++) {
    store.state.list.push(long(`${flush}`));
    await store.flush();
  }
  const expected = [...store.state.list];
  store.state.text = large("second");
  store.state.list = [...expected];
  store.state.count = 5;
  store.submit();
  store.state.list.push(long("meanwhile"));
  store.submit();
  await store.answer();
  await store.answer();
  await store.answer();
  for (let flush = 0; flush < 6; flush++) {
    store.state.list.push(long(`later ${flush}`));
    store.submit();
    await store.answer();
  }

  const later = Array.from({ length: 6 }, (_, flush) => long(`later ${flush}`));
  expect((await store.wake()).list).toEqual([...expected, long("meanwhile"), ...later]);
});

/** A record on its way behind what is lost, and later ones that may be put where that would have been; what a wake finds. */
async function goOn({
  state,
  submit,
  answer,
  flush,
  wake,
}: Awaited<ReturnType<typeof open>>): Promise<State> {
  state.list.push(long("c"));
  submit();
  await answer();
  await answer();
  await flush();
  state.text = long("d");
  await flush();
  return wake();
}

it("[P35] a write after a first one that was rejected builds on what is on its way, and goes where that went if it is lost", async () => {
  const store = await open();
  const { state, submit, answer } = store;
  state.text = long("a row of its own");
  submit("rejected");
  state.text = long("the first record");
  submit("rejected");
  await answer();

  expect(await goOn(store)).toEqual({ list: [long("c")], text: long("d"), count: 0 });
});

it("[P35] what is lost with an earlier write cuts no later one off from what that builds on", async () => {
  const store = await open();
  const { state, submit, answer, flush } = store;
  state.count++;
  await flush();
  state.text = long("lost");
  submit("rejected");
  state.count++;
  submit();
  await answer();
  state.text = long("lost again");
  submit("rejected");
  await answer();

  expect(await goOn(store)).toEqual({ list: [long("c")], text: long("d"), count: 2 });
});

it("[P12] on a KV-backed object what can't be cloned takes nothing of what is stored with it", async () => {
  const { storage, state, flush, wake } = await open();
  state.text = large("in parts");
  await flush();
  Object.assign(state, { text: { long: long(""), proxy: new Proxy({}, {}) } });
  await flush();

  expect([...storage.rows().keys()]).toContain("_dormouse:part:1:text");
  expect((await wake()).text).toBe(large("in parts"));
});

it("[P35] the slots of a fold that is lost keep their records", async () => {
  const store = await open();
  // Beside which no checkpoint pays.
  store.state.text = "x".repeat(100_000);
  store.state.count = 1;
  await store.flush();
  store.state.count = 2;
  await store.flush();
  const slots = () => [...store.storage.rows().keys()].filter((row) => /^_dormouse:\d+$/.test(row)).length;
  while (slots() < FOLD_AT) {
    store.state.list.push("x");
    await store.flush();
  }
  // This one would move all of them to a segment.
  store.state.list.push("lost");
  store.submit("rejected");
  await store.answer();
  store.state.list.push("next");
  store.submit();

  expect(await store.wake()).toEqual(store.state);
});

it("[P35] the segments of records that are lost are used again, so that a wake finds none missing", async () => {
  const store = await open();
  // Beside which no checkpoint pays.
  store.state.text = "x".repeat(100_000);
  store.state.count = 1;
  await store.flush();
  for (let attempt = 0; attempt < FIRST_SEGMENTS; attempt++) {
    store.state.list.push(long(`${attempt}`));
    store.submit("rejected");
    await store.answer();
  }
  store.state.list.push(long("last"));
  store.submit();

  expect(await store.wake()).toEqual(store.state);
});

it("[P18] [P35] what a SQLite-backed object takes in the turn of a write that it rejected is lost after it, not before", async () => {
  const storage = memoryStorage();
  const told: string[] = [];
  const store = await persisted(storage, {
    ...options,
    onPersistError: (key) => void told.push(key),
  });
  store.state.count = 1;
  await store.flush();

  storage.failWhen(({ method }) => method === "put");
  store.state.list.push(long("a"));
  void store.beforeSend();
  storage.failWhen(() => false);
  store.state.text = long("b");
  await store.beforeSend();
  store.state.list.push(long("c"));
  await store.flush();

  const { state } = await persisted(storage.restart(), options);
  expect({ ...state }).toEqual({ count: 1, text: long("b"), list: [long("a"), long("c")] });
  expect(told).toEqual(["list", "text"]);
});
