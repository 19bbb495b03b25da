// The first write of a new object makes the table as well; what becomes of it where the write is taken back?
import { persisted } from "@dormouse/do-runtime";
import { expect, it } from "vitest";
import { newObject } from "./objects.ts";

it.each(["keys", "log"] as const)(
  "[P17] a first write that storage refuses leaves a storage that takes the second, layout %s",
  async (layout) => {
    const object = newObject("sqlite");
    const options = {
      layout,
      state: { good: 0, other: 0, draft: 0 as unknown },
      persistOptions: { shallow: false, throwOnError: false },
      onPersistError: () => {},
    };

    await object.run(async (storage) => {
      const store = await persisted(storage, options);
      store.state.good = 1;
      store.state.draft = { nested: new Proxy({}, {}) };
      await store.flush();
      store.state.draft = 2;
      store.state.other = 2;
      await store.flush();
    });
    await object.evict();

    await object.run(async (storage) => {
      const { state } = await persisted(storage, options);
      expect(state).toEqual({ good: 1, other: 2, draft: 2 });
    });
  },
);

it("[P17] also where only one of its rows fails", async () => {
  const object = newObject("sqlite");
  const options = {
    state: { a: 0, b: 0 },
    persistOptions: { throwOnError: false },
    onPersistError: () => {},
  };

  await object.run(async (storage) => {
    const store = await persisted(storage, options);
    const { kv } = storage;
    const { put } = kv;
    kv.put = (key, value) => {
      put.call(kv, key, value);
      if (key.endsWith(":b")) throw new Error("the disk is full");
    };
    Object.assign(store.state, { a: 1, b: 1 });
    await store.flush();
    kv.put = put;
    expect(storage.kv.get("_verani_persist:a")).toBeUndefined();
    store.state.a = 2;
    await store.flush();
  });
  await object.evict();

  await object.run(async (storage) => {
    const { state } = await persisted(storage, options);
    expect(state).toEqual({ a: 2, b: 1 });
  });
});
