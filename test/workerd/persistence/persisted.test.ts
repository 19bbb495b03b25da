import { persisted } from "@dormouse/do-runtime";
import { describe, expect, it } from "vitest";
import { newObject } from "./objects.ts";

const rowsWritten = (storage: DurableObjectStorage): number =>
  storage.sql.exec<{ changes: number }>("select total_changes() as changes").one().changes;

describe("persisted in workerd", () => {
  it("[P1] writes 10 changes to each of 3 keys as 3 rows, by SQLite's own count, and the same values as none", async () => {
    await newObject().run(async (storage) => {
      const store = await persisted(storage, { state: { a: 0, b: 0, c: 0 } });
      store.state.a = store.state.b = store.state.c = -1;
      await store.flush();
      const before = rowsWritten(storage);
      for (let write = 0; write < 10; write++) {
        store.state.a = write;
        store.state.b = write;
        store.state.c = write;
      }
      await store.flush();
      const after = rowsWritten(storage);
      store.state.a = store.state.b = store.state.c = 9;
      await store.flush();

      expect(after - before).toBe(3);
      expect(store.stats.puts).toBe(2);
      expect(rowsWritten(storage) - after).toBe(0);
    });
  });

  it.each(["sqlite", "kv"] as const)("[L1] finds the state after an eviction, %s-backed", async (backend) => {
    const object = newObject(backend);
    const state = { visits: 0, board: { cards: [] as { title: string; tags: Set<string> }[] } };
    const options = { state, persistOptions: { shallow: false } };
    await object.run(async (storage) => {
      const store = await persisted(storage, options);
      store.state.visits++;
      store.state.board.cards.push({ title: "one", tags: new Set(["new"]) });
      await store.flush();
    });
    await object.evict();

    await object.run(async (storage) => {
      const store = await persisted(storage, options);

      expect(store.state.visits).toBe(1);
      expect([...(store.state.board.cards[0]?.tags ?? [])]).toEqual(["new"]);
    });
  });
});
