import { reactive, snapshot, toRaw, trackDirty, transaction, watch } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { collectUntil } from "../../support/collect.js";

interface State {
  board: { n: number; hub?: object; self?: unknown };
  cache: { n: number; hub?: object };
}

const makeState = () => reactive<State>({ board: { n: 0 }, cache: { n: 0 } });

const refuseFunctions = (value: unknown, path: readonly unknown[]): void => {
  throw new TypeError(`${typeof value} at ${path.join(".")}`);
};

describe("trackDirty() of some keys", () => {
  it.each([{ shallow: false }, { shallow: true }])(
    "[R26] is not woken by changes of others, whatever changes there: %o",
    (how) => {
      const state = makeState();
      const woken: string[] = [];
      const tracker = trackDirty(state, { ...how, keys: ["board"], onDirty: () => woken.push("woken") });

      state.cache.n = 1;
      state.cache = { n: 2 };
      delete (state as Partial<State>).cache;
      Object.assign(state, { added: 1 });
      expect([tracker.isDirty, tracker.version.value, woken]).toEqual([false, 0, []]);

      state.board = { n: 1 };
      expect([...tracker.keys()]).toEqual(["board"]);
      expect([...tracker.take().keys()]).toEqual(["board"]);
    },
  );

  it("[R26] follows what moves between them and others", () => {
    const state = makeState();
    const tracker = trackDirty(state, { keys: ["board"] });
    const hub = reactive({ n: 0 });

    state.cache.hub = hub;
    hub.n = 1;
    expect(tracker.isDirty).toBe(false);

    state.board.hub = hub;
    tracker.take();
    hub.n = 2;
    expect(tracker.take().get("board")?.patches).toEqual([{ op: "set", path: ["hub", "n"], value: 2 }]);

    delete state.board.hub;
    tracker.take();
    hub.n = 3;
    expect(tracker.isDirty).toBe(false);
  });

  it("[R26] names these only while others follow all, and the others miss nothing", () => {
    const state = makeState();
    const some = trackDirty(state, { keys: ["board"] });
    const all = trackDirty(state);
    const told: unknown[] = [];
    const stop = watch(state, (patches) => told.push(...patches.map(({ path }) => path.join("."))));

    state.cache.n = 1;
    state.board.n = 1;

    expect([...some.keys()]).toEqual(["board"]);
    expect([...all.take().keys()].toSorted()).toEqual(["board", "cache"]);
    expect([...some.take().keys()]).toEqual(["board"]);
    expect(told).toEqual(["cache.n", "board.n"]);
    stop();
  });

  it("[R26] of shallow trackers each names its own", () => {
    const state = makeState();
    const some = trackDirty(state, { shallow: true, keys: ["board"] });
    const others = trackDirty(state, { shallow: true, keys: ["cache"] });

    state.cache = { n: 1 };

    expect([[...some.keys()], [...others.keys()]]).toEqual([[], ["cache"]]);
  });

  it("[R26] the tree is claimed once where a key leads back to the root", () => {
    const state = makeState();
    state.board.self = state;
    const tracker = trackDirty(state, { keys: ["board"] });

    state.cache.n = 1;
    expect([...tracker.take().keys()]).toEqual(["board"]);

    delete state.board.self;
    tracker.take();
    const { cache } = state;
    delete (state as Partial<State>).cache;
    tracker.take();
    cache.n = 2;
    expect(tracker.isDirty).toBe(false);
  });

  it("[R26] what comes to a key together with the root is followed to its end, wherever else it stands", () => {
    const knot: unknown[] = [];
    const state = reactive<Record<string, unknown>>({ followed: 0, others: [knot] });
    const leaf = { n: 0 };
    knot.push(toRaw(state), leaf);
    const tracker = trackDirty(state, { keys: ["followed"] });
    state["followed"] = knot;
    tracker.take();

    reactive(leaf).n = 1;

    expect(tracker.keys()).toEqual(new Set(["followed"]));
  });

  it("[R26] a transaction that is taken back leaves all as it was, at other keys too", () => {
    const state = makeState();
    const tracker = trackDirty(state, { keys: ["board"] });
    const { board, cache } = state;

    expect(() =>
      transaction(() => {
        state.cache = { n: 1, hub: board };
        state.board = { n: 1, hub: cache };
        throw new Error("no");
      }),
    ).toThrow("no");

    expect(toRaw(state)).toEqual({ board: { n: 0 }, cache: { n: 0 } });
    expect(tracker.isDirty).toBe(false);
    cache.n = 1;
    expect(tracker.isDirty).toBe(false);
    board.n = 1;
    expect(tracker.isDirty).toBe(true);
  });

  it("[R26] a snapshot shows what changed at the others", () => {
    const state = makeState();
    trackDirty(state, { keys: ["board"] });
    snapshot(state);

    state.cache.n = 1;

    expect(snapshot(state)).toEqual({ board: { n: 0 }, cache: { n: 1 } });
  });

  it("[R26] only what is put at them is refused, from wherever it comes", () => {
    const state = reactive<Record<string, unknown>>({ board: {}, cache: { f: () => 1 } });
    trackDirty(state, { keys: ["board"], refuse: refuseFunctions });

    (state["cache"] as Record<string, unknown>)["g"] = () => 1;
    state["other"] = () => 1;
    expect(() => (state["board"] = state["cache"])).toThrow("function at board.f");

    const stop = watch(state, () => {});
    (state["cache"] as Record<string, unknown>)["h"] = () => 1;
    expect(() => ((state["board"] as Record<string, unknown>)["c"] = state["cache"])).toThrow(
      "function at board.c.f",
    );
    stop();
    expect(() => trackDirty(state, { keys: ["cache"], refuse: refuseFunctions })).toThrow(
      "function at cache.f",
    );
  });

  it("[R22] [R26] what is dropped at others is collected", async () => {
    const state = reactive<Record<string, object | undefined>>({ board: {}, cache: { big: {} } });
    const tracker = trackDirty(state, { keys: ["board"] });
    const dropped = new WeakRef(toRaw(state["cache"] as object));
    state["cache"] = undefined;

    await collectUntil(() => dropped.deref() === undefined);

    expect(dropped.deref()).toBeUndefined();
    expect(tracker.isDirty).toBe(false);
  });

  it("[R6] a deep tracker that takes what changed inside a key tells a shallow one of nothing", () => {
    const state = makeState();
    const shallow = trackDirty(state, { shallow: true });
    const deep = trackDirty(state);

    state.board.n = 1;
    deep.take();

    expect([...shallow.keys()]).toEqual([]);
  });
});
