import {
  applyPatches,
  effect,
  isReactive,
  reactive,
  shallowReactive,
  toRaw,
  trackDirty,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";

const initial = () => ({
  count: 0,
  nested: { list: [{ id: 1, done: false }], when: new Date(0) },
  map: new Map<string, { n: number }>([["a", { n: 1 }]]),
  set: new Set<unknown>([1]),
});

describe("reactive", () => {
  it("[R1] keeps one identity for one object", () => {
    const raw = initial();
    const state = reactive(raw);

    expect(reactive(raw)).toBe(state);
    expect(reactive(state)).toBe(state);
    expect(state.nested).toBe(state.nested);
    expect(state.map.get("a")).toBe(state.map.get("a"));
    expect(toRaw(state)).toBe(raw);
    expect(isReactive(state.nested.when)).toBe(true);
    expect(isReactive(raw)).toBe(false);
  });

  it("[R2] re-runs an effect when what it read changed, at any depth", () => {
    const state = reactive(initial());
    const seen: unknown[] = [];
    effect(() => {
      seen.push([
        state.count,
        state.nested.list.map((item) => item.done).join(),
        state.nested.when.getTime(),
        state.map.get("a")?.n,
        state.set.has(2),
        state.set.size,
      ]);
    });

    state.count++;
    state.nested.list.push({ id: 2, done: true });
    const [first] = state.nested.list;
    if (first) first.done = true;
    state.nested.when.setTime(5);
    state.map.set("a", { n: 2 });
    state.set.add(2);

    expect(seen).toHaveLength(7);
    expect(seen.at(-1)).toEqual([1, "true,true", 5, 2, true, 2]);
  });

  it("[R3] never lets a proxy into the raw tree", () => {
    const state = reactive<Record<string, unknown>>({ a: { b: 1 }, list: [] });

    state["copy"] = { inner: [state["a"]] };
    (state["list"] as unknown[]).push(state["a"]);

    expect(() => structuredClone(toRaw(state))).not.toThrow();
    expect((toRaw(state)["copy"] as { inner: unknown[] }).inner[0]).toBe(toRaw(state["a"]));
  });

  it("[R4] names the top-level keys that changed", () => {
    const state = reactive(initial());
    const tracker = trackDirty(state);
    let runs = 0;
    effect(() => {
      void tracker.version.value;
      runs++;
    });

    for (const item of state.nested.list) item.done = true;
    for (const entry of state.map.values()) entry.n = 9;

    expect(runs).toBe(2);
    expect([...tracker.keys()]).toEqual(["nested", "map"]);
    expect([...tracker.take().keys()]).toEqual(["nested", "map"]);
    expect([...tracker.take().keys()]).toEqual([]);
    state.nested.when.setTime(7);
    expect(runs).toBe(3);
    expect([...tracker.keys()]).toEqual(["nested"]);
  });

  it("[R5] marks every key under which a changed object stands, and none when it was dropped", () => {
    const shared = { n: 0 };
    const state = reactive<Record<string, unknown>>({ a: shared, b: [shared] });
    const tracker = trackDirty(state);
    const inner = state["a"] as { n: number };

    inner.n = 1;
    expect([...tracker.take().keys()].toSorted()).toEqual(["a", "b"]);
    delete state["a"];
    tracker.take();
    inner.n = 2;
    expect([...tracker.take().keys()]).toEqual(["b"]);
    state["b"] = 0;
    tracker.take();
    inner.n = 3;
    expect(tracker.take().size).toBe(0);
  });

  it("[R6] shallow tracking counts assignments to top-level keys only", () => {
    const state = shallowReactive({ prefs: { size: 1 } });
    const tracker = trackDirty(state, { shallow: true });

    state.prefs.size = 2;
    expect(tracker.take().size).toBe(0);
    // oxlint-disable-next-line no-self-assign
    state.prefs = state.prefs;
    expect([...tracker.take().keys()]).toEqual(["prefs"]);
  });

  it("[R7] refuses with the path before anything changes", () => {
    const state = reactive<Record<string, unknown>>({ a: { list: [] } });
    trackDirty(state, {
      refuse: (value, path) => {
        throw new TypeError(`${typeof value} at ${path.join(".")}`);
      },
    });
    const list = (state["a"] as { list: unknown[] }).list;

    expect(() => list.push({ deep: () => 1 })).toThrow("function at a.list.0.deep");
    expect(list).toHaveLength(0);
  });

  it("[R8] applies patches without reaching a prototype", () => {
    const target = { list: [1, 2, 3], map: new Map<string, unknown>([["k", 1]]) };

    applyPatches(target, [
      { op: "splice", path: ["list"], index: 1, remove: 1, insert: [7, 8] },
      { op: "set", path: ["map", "k"], value: 2 },
    ]);

    expect(target).toEqual({ list: [1, 7, 8, 3], map: new Map([["k", 2]]) });
    expect(() => applyPatches({}, [{ op: "set", path: ["__proto__", "bad"], value: 1 }])).toThrow(TypeError);
    expect(() =>
      applyPatches({}, [{ op: "set", path: ["constructor", "prototype", "bad"], value: 1 }]),
    ).toThrow(TypeError);
  });
});
