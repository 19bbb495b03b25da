// What goes wrong in a user's own code must not take the state along.
import { persisted, PersistError, type PersistedOptions } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it, vi } from "vitest";

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const breaks = (): never => {
  throw new Error("the monitoring is down");
};

const namedAsMethods = (): Record<string, unknown> => ({ constructor: 1, toString: "a" });

/** Larger at each attempt, so that no checkpoint pays. */
const text = (attempt: number): string => "x".repeat(1200 * 2 ** attempt);

class Card {
  title = "t";
}

describe.each(["keys", "log"] as const)("with the layout %s", (layout) => {
  it("[P19] stores the other keys when onPersistError throws", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const storage = memoryStorage();
    const state = { bad: 0 as unknown, good: 0 };
    const store = await persisted(storage, {
      layout,
      state,
      onPersistError: breaks,
      persistOptions: { throwOnError: false },
    });

    store.state.bad = () => 1;
    store.state.good = 1;
    await store.flush();
    const again = await persisted(storage.restart(), { layout, state });

    expect(again.state.good).toBe(1);
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ message: "the monitoring is down" }));
    logged.mockRestore();
  });

  it("[P12] stores the other keys when one holds a proxy that was revoked", async () => {
    const storage = memoryStorage();
    const state = { draft: 0 as unknown, good: 0 };
    const store = await persisted(storage, { layout, state, onPersistError: () => {} });
    const { proxy, revoke } = Proxy.revocable({ title: "t" }, {});

    store.state.draft = { proxy };
    store.state.good = 1;
    revoke();
    const error: unknown = await store.flush().catch((reason: unknown) => reason);
    const again = await persisted(storage.restart(), { layout, state });

    expect(error).toBeInstanceOf(PersistError);
    expect(error).toMatchObject({ code: "VALUE_NOT_STORABLE", key: "draft" });
    expect(again.state.good).toBe(1);
  });

  it("[L3] keeps a key deleted whose name every object has", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { layout, state: namedAsMethods });
    store.state["constructor"] = 2;
    await store.flush();

    delete store.state["constructor"];
    delete store.state["toString"];
    await store.flush();
    const other = layout === "keys" ? "log" : "keys";
    const again = await persisted(storage.restart(), { layout: other, state: namedAsMethods });

    expect(Object.keys(again.state)).toEqual([]);
  });

  it("[P38] writes nothing once it is disposed", async () => {
    for (const commit of ["turn", "group"] as const) {
      const storage = memoryStorage();
      const store = await persisted(storage, { layout, commit, state: { count: 0 } });

      store.state.count = 1;
      store.dispose();
      await nextTurn();
      await storage.transaction(async () => {});

      expect(storage.rows().size).toBe(0);
    }
  });

  it("[P18] rejects what waits for a commit though flush() has told its failure already", async () => {
    const storage = memoryStorage();
    const state = { card: 0 as unknown };
    const store = await persisted(storage, { layout, commit: "group", state, onPersistError: () => {} });

    store.state.card = { nested: new Card() };
    const reply = Promise.resolve(store.beforeSend()).then(
      () => "sent",
      () => "held back",
    );
    await expect(store.flush()).rejects.toThrow("is an instance of Card");

    expect(await reply).toBe("held back");
  });

  it("[L8] migrates what can be read when one row can't", async () => {
    const storage = memoryStorage();
    const state = { a: 0, b: 0 };
    const store = await persisted(storage, { state });
    store.state.a = 1;
    store.state.b = 2;
    await store.flush();
    const restarted = storage.restart();
    restarted.makeUnreadable("_verani_persist:a");
    const unreadable: string[] = [];

    const again = await persisted(restarted, {
      layout,
      state,
      version: 1,
      migrate: (old) => void (old["b"] = Number(old["b"]) * 10),
      onPersistError: (key) => void unreadable.push(key),
    });

    expect(again.state).toEqual({ a: 0, b: 20 });
    expect(unreadable).toEqual(["a"]);
  });
});

it.each(["turn", "group"] as const)(
  "[P34] holds back what speaks of a value that only storage refuses, commit %s",
  async (commit) => {
    const storage = memoryStorage();
    const state = { draft: 0 as unknown, good: 0 };
    const store = await persisted(storage, { commit, state, onPersistError: () => {} });

    store.state.draft = { nested: new Proxy({}, {}) };
    store.state.good = 1;
    const replies = [store.beforeSend(), store.beforeSend()].map((safe) => Promise.resolve(safe));
    const told = await Promise.allSettled(replies);

    expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await store.flush().catch(() => {});
    expect((await persisted(storage.restart(), { state })).state).toEqual({ draft: 0, good: 1 });
  },
);

describe("the log", () => {
  it("[P35] finds a large value whose write failed several times before it succeeded", async () => {
    const storage = memoryStorage();
    const options = {
      layout: "log" as const,
      state: { text: "" },
      onPersistError: () => {},
    } satisfies PersistedOptions<{ text: string }>;
    const store = await persisted(storage, options);
    storage.failWhen(({ method }) => method === "put");
    for (let attempt = 0; attempt < 4; attempt++) {
      store.state.text = text(attempt);
      await expect(store.flush()).rejects.toThrow("storage rejected the write");
    }

    storage.failWhen(() => false);
    store.state.text = text(4);
    await store.flush();
    const again = await persisted(storage.restart(), options);

    expect(again.state.text).toHaveLength(1200 * 16);
  });
});
