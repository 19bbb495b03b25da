// The code that docs/persisted-state.md shows, each piece on an object of its own.
import { PersistError, persisted } from "@dormouse/do-runtime";
import { reactive, toRaw, touch } from "@dormouse/reactive";
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { newObject } from "../persistence/objects.ts";

/** A board as a wake finds it. */
const restored = async (storage: DurableObjectStorage) => {
  const ctx = { storage };
  // #region deep
  const { state } = await persisted(ctx.storage, {
    state: {
      cards: [{ title: "Sleep", done: false, tags: new Set<string>() }],
      members: new Map([["ada", { role: "owner" }]]),
      due: new Date("2026-11-24"),
    },
    persistOptions: { shallow: false },
  });
  // #endregion
  return state;
};

const openBoard = (storage: DurableObjectStorage) => {
  const ctx = { storage };
  // #region log
  return persisted(ctx.storage, {
    state: { cards: [] as { title: string; done: boolean }[] },
    persistOptions: { shallow: false },
    layout: "log",
  });
  // #endregion
};

const openPicture = (storage: DurableObjectStorage) =>
  persisted(storage, { state: { pixels: new Uint8Array(4) }, persistOptions: { shallow: false } });

it("stores the named keys, and only them", async () => {
  const object = newObject();
  await object.run(async (storage) => {
    const ctx = { storage };
    // #region first
    const store = await persisted(ctx.storage, {
      state: { theme: "dark", visits: 0, draft: "" },
      persistedKeys: ["theme", "visits"],
    });

    store.state.visits++; // stored at the end of this turn
    store.state.theme = "light"; // in the same put
    store.state.draft = "Dear all"; // not in persistedKeys: gone once the object has left memory
    // #endregion
  });
  await object.evict();
  await object.run(async (storage) => {
    const { state, stats } = await persisted(storage, {
      state: { theme: "dark", visits: 0, draft: "" },
      persistedKeys: ["theme", "visits"],
    });

    expect(state).toEqual({ theme: "light", visits: 1, draft: "" });
    expect(stats.puts).toBe(0);
  });
});

it("shallow, stores what is assigned to top-level keys", async () => {
  const object = newObject();
  const initial = { theme: "dark", preferences: { fontSize: 14, contrast: 1 } };
  await object.run(async (storage) => {
    const { state } = await persisted(storage, { state: initial });
    // #region shallow
    state.theme = "light"; // stored
    state.preferences = { ...state.preferences, fontSize: 16 }; // stored
    // #endregion
  });
  await object.run(async (storage) => {
    const { state } = await persisted(storage, { state: initial });
    expect(state).toEqual({ theme: "light", preferences: { fontSize: 16, contrast: 1 } });
    // #region nested
    state.preferences.contrast = 2; // not stored, until something is assigned to `preferences`
    // #endregion
  });
  await object.evict();
  await object.run(async (storage) => {
    const { state } = await persisted(storage, { state: initial });
    expect(state.preferences.contrast).toBe(1);

    state.preferences.contrast = 2;
    await Promise.resolve();
    state.preferences = { ...state.preferences };
  });
  await object.evict();
  await object.run(async (storage) => {
    expect((await persisted(storage, { state: initial })).state.preferences.contrast).toBe(2);
  });
});

it("deep, stores every change", async () => {
  const object = newObject();
  await object.run(async (storage) => {
    const state = await restored(storage);
    const [card] = state.cards;
    if (card === undefined) throw new Error("no card");
    // #region deep-changes
    card.done = true;
    card.tags.add("winter");
    state.cards.push({ title: "Eat", done: false, tags: new Set() });
    state.members.set("bob", { role: "guest" });
    state.due.setDate(30);
    // #endregion
  });
  await object.evict();
  await object.run(async (storage) => {
    expect(await restored(storage)).toEqual({
      cards: [
        { title: "Sleep", done: true, tags: new Set(["winter"]) },
        { title: "Eat", done: false, tags: new Set() },
      ],
      members: new Map([
        ["ada", { role: "owner" }],
        ["bob", { role: "guest" }],
      ]),
      due: new Date("2026-11-30"),
    });
  });
});

it("hands out the plain objects", async () => {
  const shelves = await env.LARDER.getByName("the larder").shelves();

  expect(shelves).toEqual([{ label: "nuts", best: new Date("2027-03-01") }]);
});

it("[R21] no call between objects takes a Map or Set without its entries", async () => {
  const other = env.PlainObject.getByName("the other");
  const weights = reactive(new Map([["hazel", 40]]));
  const labels = reactive(new Set(["nuts"]));

  await expect(async () => other.sizeOf(weights)).rejects.toThrow("toRaw");
  await expect(async () => other.sizeOf(labels)).rejects.toThrow("toRaw");
  expect(await other.sizeOf(toRaw(weights))).toBe(1);
});

it("stores what changed inside a buffer when it is told", async () => {
  const object = newObject();
  await object.run(async (storage) => {
    const { state, stats, flush } = await openPicture(storage);
    // #region touch
    state.pixels[0] = 255; // goes unseen
    touch(state, "pixels"); // so that it is stored
    // #endregion
    await flush();
    expect(stats.puts).toBe(1);
  });
  await object.evict();
  await object.run(async (storage) => {
    expect((await openPicture(storage)).state.pixels).toEqual(new Uint8Array([255, 0, 0, 0]));
  });
});

it("is durable when flush() resolves", async () => {
  const object = newObject();
  await object.run(async (storage) => {
    const store = await persisted(storage, { state: { paid: false } });
    const shipped = vi.fn<() => Promise<void>>();
    const ship = async () => {
      expect(store.isDirty).toBe(false);
      await shipped();
    };
    // #region flush
    store.state.paid = true;
    await store.flush();
    await ship(); // tells another system only once the payment is on disk
    // #endregion
    expect(shipped).toHaveBeenCalledOnce();
  });
});

it("can be looked at from outside", async () => {
  await newObject().run(async (storage) => {
    const ctx = { storage };
    const store = await persisted(storage, { state: { theme: "dark" } });
    store.state.theme = "light";
    await store.flush();
    // #region look
    const theme = await ctx.storage.get("_verani_persist:theme"); // "light"
    // #endregion
    expect(theme).toBe("light");
  });
});

it("reports what can't be stored, and stores the rest", async () => {
  const object = newObject();
  const reported: string[] = [];
  const console = { error: (line: string) => reported.push(line) };
  await object.run(async (storage) => {
    const ctx = { storage };
    // #region errors
    const store = await persisted(ctx.storage, {
      state: { title: "", attachment: new Uint8Array() },
      onPersistError(key, error) {
        console.error(`${key} is not stored (${error.code}): ${error.message}`);
      },
    });

    store.state.title = "Autumn";
    store.state.attachment = new Uint8Array(3_000_000);
    try {
      await store.flush();
    } catch (error) {
      if (!(error instanceof PersistError) || error.code !== "VALUE_TOO_LARGE") throw error;
      store.state.attachment = new Uint8Array(); // "title" has been stored all the same
    }
    // #endregion
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatch(
      /^attachment is not stored \(VALUE_TOO_LARGE\): .*takes 3000015 bytes, the limit is 1999974/,
    );
    expect(await storage.get("_verani_persist:title")).toBe("Autumn");
    await store.flush();
    expect(await storage.get("_verani_persist:attachment")).toEqual(new Uint8Array());
  });
});

it("refuses a function where it is assigned", async () => {
  await newObject().run(async (storage) => {
    const store = await persisted(storage, {
      state: { hooks: {} as Record<string, unknown> },
      persistOptions: { shallow: false },
    });

    expect(() => {
      store.state.hooks["onSave"] = () => undefined;
    }).toThrow(PersistError);
    expect(store.state.hooks).toEqual({});
  });
});

it("transaction() takes everything back when it throws", async () => {
  await newObject().run(async (storage) => {
    const store = await persisted(storage, {
      state: { accounts: new Map([["ada", 50]]), transfers: 0 },
      persistOptions: { shallow: false },
    });
    // #region transaction
    const withdraw = (name: string, amount: number) =>
      store.transaction(() => {
        const { state } = store;
        const balance = (state.accounts.get(name) ?? 0) - amount;
        state.accounts.set(name, balance);
        state.transfers++;
        if (balance < 0) throw new Error(`${name} has ${balance + amount}, not ${amount}`);
        return balance;
      });

    withdraw("ada", 30); // 20, stored at the end of the turn
    try {
      withdraw("ada", 30);
    } catch {
      // The balance is still 20, and nothing of the second transfer is stored.
    }
    // #endregion
    expect(store.state).toEqual({ accounts: new Map([["ada", 20]]), transfers: 1 });
    expect(() => withdraw("ada", 30)).toThrow("ada has 20, not 30");
    await store.flush();
    expect(await storage.get("_verani_persist:transfers")).toBe(1);
    expect(store.stats.puts).toBe(1);
  });
});

it("the log stores changes alone", async () => {
  const object = newObject();
  await object.run(async (storage) => {
    const { state, flush } = await openBoard(storage);
    for (let number = 0; number < 1000; number++) state.cards.push({ title: `card ${number}`, done: false });
    await flush();
    const rowsWritten = () =>
      storage.sql.exec<{ changes: number }>("select total_changes() as changes").one().changes;
    const before = rowsWritten();
    const [card] = state.cards;
    if (card) card.done = true;
    await flush();

    expect(rowsWritten() - before).toBe(1);
  });
  await object.evict();
  await object.run(async (storage) => {
    const { state } = await openBoard(storage);
    expect([state.cards.length, state.cards[0]]).toEqual([1000, { title: "card 0", done: true }]);
  });
});

const openProfile = (storage: DurableObjectStorage) =>
  persisted(storage, {
    state: { name: "", tags: new Set<string>() },
    persistOptions: { shallow: false },
  });

it("a copy of the state is a backup, and can be put back", async () => {
  const object = newObject();
  const backup = await object.run(async (storage) => {
    const store = await openProfile(storage);
    Object.assign(store.state, { name: "Ada", tags: new Set(["math"]) });
    // #region backup
    const backup = structuredClone(toRaw(store.state)); // plain data, Maps, Sets and Dates included: an RPC method may return it
    // #endregion
    store.state.tags.add("engines");
    return backup;
  });
  await object.evict();
  await object.run(async (storage) => {
    const store = await openProfile(storage);
    expect(store.state.tags).toEqual(new Set(["math", "engines"]));
    // #region put-back
    store.transaction(() => Object.assign(store.state, backup));
    await store.flush();
    // #endregion
  });
  await object.evict();
  await object.run(async (storage) => {
    expect((await openProfile(storage)).state).toEqual({ name: "Ada", tags: new Set(["math"]) });
  });
});

it.each(["keys", "log"] as const)(
  "an older program leaves the keys that it doesn't know, layout %s",
  async (layout) => {
    const object = newObject();
    const options = { layout, persistOptions: { shallow: false } };
    const openNew = (storage: DurableObjectStorage) =>
      persisted(storage, { ...options, state: { name: "", pets: [] as string[] } });
    await object.run(async (storage) => {
      const { state } = await openNew(storage);
      state.name = "Ada";
      state.pets.push("Puff");
    });
    await object.evict();
    await object.run(async (storage) => {
      const { state } = await persisted(storage, { ...options, state: { name: "" } });
      state.name = "Ada Lovelace";
    });
    await object.evict();

    await object.run(async (storage) => {
      expect((await openNew(storage)).state).toEqual({ name: "Ada Lovelace", pets: ["Puff"] });
    });
  },
);

// #region go-back
/** Has an object go back to what it had stored then, all of its storage; the bookmark that is logged leads back again. */
async function goBackTo(time: Date, ctx: DurableObjectState) {
  const bookmark = await ctx.storage.getBookmarkForTime(time);
  const undo = await ctx.storage.onNextSessionRestoreBookmark(bookmark);
  console.log("to undo this, restore", undo);
  ctx.abort("going back in time"); // what is in memory goes; the next request finds what is stored
}
// #endregion

it("an object goes back in time, which only Cloudflare's own storage can", async () => {
  const stub = env.SQLITE.getByName("goes back");

  await expect(runInDurableObject(stub, (_, ctx) => goBackTo(new Date(), ctx))).rejects.toThrow(
    "does not implement point-in-time recovery",
  );
});
