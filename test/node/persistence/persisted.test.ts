import { persisted, PersistError } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";

const deep = { shallow: false };

describe("persisted", () => {
  it("[P1] writes once however many keys change in one turn, each key once", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 0, b: 0, c: 0 } });
    for (let write = 0; write < 10; write++) {
      store.state.a++;
      store.state.b++;
      store.state.c++;
    }
    await store.flush();
    const first = { ...storage.counts };
    store.state.a++;
    store.state.b++;
    store.state.c++;
    await store.flush();

    expect(first).toMatchObject({ puts: 1, rowsWritten: 3 });
    expect(storage.counts).toMatchObject({ puts: 2, rowsWritten: 6 });
    expect(store.stats).toMatchObject({ flushes: 2, puts: 2, keys: 6 });
  });

  it("[P2] writes nothing when a value is assigned that is there already", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 1, b: Number.NaN } });
    store.state.a = 1;
    store.state.b = Number.NaN;
    await store.flush();

    expect(storage.counts.puts).toBe(0);
  });

  it("[P9] writes nothing when a value is changed and changed back, and goes on following it", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { text: "start", box: { n: 1 } }, persistOptions: deep });
    store.state.text = "x";
    store.state.text = "start";
    store.state.box.n = 2;
    store.state.box.n = 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(storage.counts.puts).toBe(0);
    store.state.box.n = 3;
    await new Promise((resolve) => setTimeout(resolve, 1));

    expect([...storage.rows()]).toEqual([["_verani_persist:box", { n: 3 }]]);
  });

  it("[P3] stores a key's value itself under _verani_persist:<key>", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { at: new Date(0), tags: new Set<string>() } });
    store.state.at = new Date(5);
    store.state.tags = new Set(["x"]);
    await store.flush();

    expect(await storage.get("_verani_persist:at")).toEqual(new Date(5));
    expect(await storage.get("_verani_persist:tags")).toEqual(new Set(["x"]));
  });

  it("[P4] never stores a key that is not in persistedKeys", async () => {
    const storage = memoryStorage();
    const state = { kept: 0, online: false, socket: undefined as unknown };
    const store = await persisted(storage, { state, persistedKeys: ["kept"] });
    store.state.online = true;
    store.state.socket = { send: () => {} };
    await store.flush();
    expect(storage.counts.puts).toBe(0);
    store.state.kept = 1;
    await store.flush();

    expect([...storage.rows().keys()]).toEqual(["_verani_persist:kept"]);
  });

  it("[P4] follows nothing at the other keys, which are ordinary memory", async () => {
    class Socket {
      readonly #url = "wss://example.com";
      get url(): string {
        return this.#url;
      }
    }
    const sockets: object[] = [new Socket()];
    const store = await persisted(memoryStorage(), {
      state: () => ({ kept: { n: 0 }, cache: { n: 0, sockets } }),
      persistedKeys: ["kept"],
      persistOptions: { shallow: false },
    });

    store.state.cache.n = 1;
    store.state.cache = { n: 2, sockets: [] };
    await store.flush();
    expect(store.stats.flushes).toBe(0);

    store.state.kept.n = 1;
    await store.flush();
    expect(store.stats.flushes).toBe(1);
  });

  it("[P5] in shallow mode stores nested changes with the next assignment of their key, and not before", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { prefs: { size: 12 } } });
    store.state.prefs.size = 16;
    await store.flush();
    expect(storage.counts.puts).toBe(0);
    store.state.prefs = { ...store.state.prefs };
    await store.flush();

    expect(await storage.get("_verani_persist:prefs")).toEqual({ size: 16 });
  });

  it("[P2] [P5] in shallow mode takes the same object, assigned again, for a changed one", async () => {
    const storage = memoryStorage();
    const { state, flush } = await persisted(storage, { state: { prefs: { size: 12 }, size: 12 } });
    const { prefs, size } = state;
    prefs.size = 16;
    state.prefs = prefs;
    state.size = size;
    await flush();

    expect([...storage.rows()]).toEqual([["_verani_persist:prefs", { size: 16 }]]);
  });

  it("[P6] in deep mode stores every nested change, by any path", async () => {
    const storage = memoryStorage();
    const state = {
      list: [1],
      map: new Map([["k", { n: 1 }]]),
      set: new Set([1]),
      at: new Date(0),
      box: { inner: { n: 1 } },
    };
    const store = await persisted(storage, { state, persistOptions: deep });
    const held = store.state.box.inner;
    store.state.list.push(2);
    const entry = store.state.map.get("k");
    if (entry !== undefined) entry.n = 2;
    store.state.set.add(2);
    store.state.at.setTime(7);
    held.n = 2;
    await store.flush();

    const again = await persisted(storage, { state, persistOptions: deep });
    expect(again.state.list).toEqual([1, 2]);
    expect(again.state.map.get("k")).toEqual({ n: 2 });
    expect([...again.state.set]).toEqual([1, 2]);
    expect(again.state.at.getTime()).toBe(7);
    expect(again.state.box.inner.n).toBe(2);
  });

  it("[L1] restores 300 keys with three reads", async () => {
    const storage = memoryStorage();
    const state = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`key${n}`, 0]));
    const store = await persisted(storage, { state });
    for (const key of Object.keys(state)) store.state[key] = 1;
    await store.flush();

    const woken = storage.restart();
    const again = await persisted(woken, { state });

    expect(Object.values(again.state)).toEqual(Array(300).fill(1));
    expect(woken.counts.reads).toBe(3);
  });

  it.each(["keys", "log"] as const)("[L1] restores with one read, layout %s", async (layout) => {
    const storage = memoryStorage();
    const state = { a: 0, b: "", c: [0] };
    const store = await persisted(storage, { state, layout });
    store.state.a = 1;
    store.state.b = "b";
    store.state.c = [1, 2];
    await store.flush();
    const restarted = storage.restart();
    const again = await persisted(restarted, { state, layout });

    expect(again.state).toEqual({ a: 1, b: "b", c: [1, 2] });
    expect(restarted.counts.reads).toBe(1);
  });

  it("[L2] never shares nested defaults between two objects", async () => {
    const state = { list: [] as string[] };
    const [one, other] = await Promise.all([
      persisted(memoryStorage(), { state, persistOptions: deep }),
      persisted(memoryStorage(), { state, persistOptions: deep }),
    ]);
    one.state.list.push("secret");
    await one.flush();

    expect(other.state.list).toEqual([]);
    expect(state.list).toEqual([]);
  });

  it("[L3] keeps deleted keys deleted and undefined ones undefined after a wake", async () => {
    const storage = memoryStorage();
    const state: { gone?: string; empty?: string | undefined; back?: string } = {
      gone: "g",
      empty: "e",
      back: "b",
    };
    const store = await persisted(storage, { state });
    delete store.state.gone;
    store.state.empty = undefined;
    delete store.state.back;
    await store.flush();
    store.state.back = "again";
    await store.flush();
    const again = await persisted(storage.restart(), { state });

    expect(Object.entries(again.state)).toEqual([
      ["empty", undefined],
      ["back", "again"],
    ]);
  });

  it("[P7] flushes at the end of the turn without being asked", async () => {
    const storage = memoryStorage();
    const store = await persisted(storage, { state: { a: 0 } });
    store.state.a = 1;
    storage.send("ack");
    expect(storage.delivered).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 1));

    expect(storage.delivered).toEqual(["ack"]);
    expect(storage.restart().rows().get("_verani_persist:a")).toBe(1);
  });

  it("[P8] refuses at the assignment what can't be stored, with its path, and changes nothing", async () => {
    const store = await persisted(memoryStorage(), {
      state: { board: {} as Record<string, unknown> },
      persistOptions: deep,
    });
    const assign = (): void => {
      store.state.board["onClick"] = () => 1;
    };

    expect(assign).toThrow(PersistError);
    expect(assign).toThrow('"board.onClick" is a function, which storage can\'t keep');
    expect(store.state.board).toEqual({});
  });
});
