import { persisted } from "@dormouse/do-runtime";
import { describe, expect, it } from "vitest";
import { nextTurn } from "../../support/persist-laws.ts";
import { newObject } from "./objects.ts";

describe.each(["turn", "group"] as const)("a transaction of the user's in workerd, commit %s", (commit) => {
  it.each(["keys", "log"] as const)(
    "[P22] takes no flush with it when it rolls back, layout %s",
    async (layout) => {
      const object = newObject();
      const options = {
        state: { before: 0, inside: 0, list: [] as number[] },
        persistOptions: { shallow: false },
        commit,
        layout,
      };
      await object.run(async (storage) => {
        const store = await persisted(storage, options);
        store.state.before = 1;
        const failed = storage.transaction(async (txn) => {
          await txn.put("theirs", 1);
          store.state.inside = 1;
          store.state.list.push(1);
          await nextTurn();
          throw new Error("no");
        });
        await expect(failed).rejects.toThrow("no");
        const fail = (): void =>
          storage.transactionSync(() => {
            store.state.list.push(2);
            void store.beforeSend();
            throw new Error("no");
          });
        expect(fail).toThrow("no");
        await store.flush();
      });
      await object.evict();

      await object.run(async (storage) => {
        expect((await persisted(storage, options)).state).toEqual({ before: 1, inside: 1, list: [1, 2] });
        expect(await storage.get("theirs")).toBeUndefined();
      });
    },
  );

  it("[P23] refuses flush() inside instead of waiting for itself, and sends what was held when it is over", async () => {
    await newObject().run(async (storage) => {
      const store = await persisted(storage, { state: { inside: 0 }, commit });
      const sent: string[] = [];
      await storage.transaction(async () => {
        store.state.inside = 1;
        await expect(store.flush()).rejects.toMatchObject({ code: "TRANSACTION_OPEN" });
        void store.beforeSend()?.then(() => sent.push("ack"));
        await nextTurn();
        expect(sent).toEqual([]);
      });
      await nextTurn();
      await nextTurn();

      expect(sent).toEqual(["ack"]);
      expect(await storage.get("_verani_persist:inside")).toBe(1);
    });
  });
});

describe("more keys than a call takes, in workerd", () => {
  it.each(["sqlite", "kv"] as const)("[P16] are written at once, %s-backed", async (backend) => {
    const names = Array.from({ length: 300 }, (_, index) => `key${index}`);
    const state: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
    const object = newObject(backend);
    await object.run(async (storage) => {
      const store = await persisted(storage, { state });
      for (const name of names) store.state[name] = 1;
      await store.flush();
    });
    await object.evict();

    await object.run(async (storage) => {
      expect(Object.values((await persisted(storage, { state })).state)).toEqual(names.map(() => 1));
    });
  });
});
