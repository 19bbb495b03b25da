import { persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import { rejection } from "../../support/rejection.ts";

const deep = { shallow: false };

describe("limits", () => {
  it.each([
    ["sqlite", 2_000_000],
    ["kv", 131_072],
  ] as const)(
    "[P14] are checked before writing, with the size found and the limit, %s-backed",
    async (backend, limit) => {
      const storage = memoryStorage({ backend });
      const store = await persisted(storage, { state: { big: "", small: 0 } });
      store.state.big = "x".repeat(limit + 10);
      store.state.small = 1;
      const error = await rejection(store.flush());

      expect(error).toMatchObject({ code: "VALUE_TOO_LARGE", key: "big", path: ["big"] });
      expect(error.message).toMatch(
        /^\[persist\] "big" takes \d+ bytes, the limit is \d+; split it into several keys or use layout "log"$/,
      );
      expect(storage.rows()).toEqual(new Map([["_verani_persist:small", 1]]));
    },
  );

  // More than a record takes goes to a snapshot of the log.
  it.each([
    ["keys", 1],
    ["log", 1],
    ["log", 2_000],
  ] as const)("[P14] of keys are checked, too, layout %s, values of %i", async (layout, length) => {
    const long = "k".repeat(2040);
    const storage = memoryStorage();
    const state: Record<string, string> = { [long]: "", short: "" };
    const store = await persisted(storage, { state, layout, onPersistError: () => {} });
    const text = "x".repeat(length);
    store.state[long] = text;
    store.state["short"] = text;

    expect(await rejection(store.flush())).toMatchObject({ code: "KEY_TOO_LARGE", key: long });
    const woken = await persisted(storage.restart(), { state, layout });
    expect(woken.state).toEqual({ [long]: "", short: text });
  });

  it("[P15] a value that grows by nested changes is refused when it has grown too large", async () => {
    const storage = memoryStorage({ backend: "kv" });
    const store = await persisted(storage, { state: { list: [] as string[] }, persistOptions: deep });
    let stored = 0;
    const grow = async (): Promise<void> => {
      for (;;) {
        store.state.list.push("x".repeat(1000));
        await store.flush();
        stored = store.state.list.length;
      }
    };

    expect(await rejection(grow())).toMatchObject({ code: "VALUE_TOO_LARGE", key: "list" });
    expect(stored).toBeGreaterThan(125);
    expect(storage.rows().get("_verani_persist:list")).toHaveLength(stored);
    store.state.list.length = 1;
    await store.flush();
    expect(storage.rows().get("_verani_persist:list")).toHaveLength(1);
  });

  it.each(["sqlite", "kv"] as const)(
    "[P16] more than 128 keys are written all or none, %s-backed",
    async (backend) => {
      const names = Array.from({ length: 300 }, (_, index) => `key${index}`);
      const state = Object.fromEntries(names.map((name) => [name, 0]));
      const storage = memoryStorage({ backend });
      const store = await persisted(storage, { state, onPersistError: () => {} });
      for (const name of names) store.state[name] = 1;
      storage.cutPowerAfter(2);
      await store.flush().catch(() => {});
      expect(storage.restart().rows().size).toBe(0);

      const whole = memoryStorage({ backend });
      const again = await persisted(whole, { state });
      for (const name of names) again.state[name] = 1;
      await again.flush();
      expect((await persisted(whole.restart(), { state })).state).toEqual(
        Object.fromEntries(names.map((name) => [name, 1])),
      );
    },
  );
});
