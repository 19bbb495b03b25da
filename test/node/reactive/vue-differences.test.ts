// What differs from Vue on purpose; the README tells it.
import { effect, isReactive, reactive, readonly, shallowReactive, toRaw } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow, rerunsOf } from "./follow.ts";

type Open = Record<PropertyKey, unknown>;

describe("what differs on purpose", () => {
  it("[R1] an object that inherits from a proxy is none, and is its own raw object", () => {
    const heir = Object.create(reactive({ foo: 1 })) as { foo: number };

    expect(toRaw(heir)).toBe(heir);
    expect(isReactive(heir)).toBe(false);
    expect(heir.foo).toBe(1);
  });

  it("[R2] a mutator is told once", () => {
    const list = reactive([{ id: 1 }, { id: 2 }, { id: 3 }]);

    for (const change of [
      () => void list.shift(),
      () => void list.push({ id: 4 }, { id: 5 }),
      () => void list.unshift({ id: 0 }),
      () => void list.splice(1, 1, { id: 8 }, { id: 9 }),
      // oxlint-disable-next-line unicorn/no-array-reverse -- the mutator is what is asked for
      () => void list.reverse(),
      // oxlint-disable-next-line unicorn/no-array-sort -- the same
      () => void list.sort((a, b) => a.id - b.id),
      () => void list.pop(),
    ]) {
      expect(rerunsOf(() => list.map(({ id }) => id).join(), change)).toBe(1);
    }
  });

  it("[R20] a raw collection that holds proxies finds them by their raw objects, and deletes them", () => {
    const key = {};
    const map = reactive(new Map([[reactive(key), 1]]));
    const set = reactive(new Set([reactive(key)]));

    expect([map.has(key), map.get(key), set.has(key)]).toEqual([true, 1, true]);
    expect(
      rerunsOf(
        () => map.has(key),
        () => map.delete(reactive(key)),
      ),
    ).toBe(1);
    expect(
      rerunsOf(
        () => set.has(key),
        () => set.delete(key),
      ),
    ).toBe(1);
    expect([map.size, set.size]).toEqual([0, 0]);
  });

  it("[R2] Object.hasOwn and Object.defineProperty are followed, and a readonly proxy of what is plain", () => {
    const raw: Open = {};
    const state = reactive(raw);
    const seen = follow(() => [Object.hasOwn(state, "a"), readonly(raw)["a"]]);

    Object.defineProperty(state, "a", { value: 1, configurable: true });

    expect(seen).toEqual([
      [false, undefined],
      [true, 1],
    ]);
  });

  it("[R11] the size of a Map is no matter of its values, and undefined where nothing was is none of get()", () => {
    const map = reactive(new Map<string, number | undefined>([["a", 1]]));

    expect(
      rerunsOf(
        () => [map.size, map.get("b")],
        () => map.set("a", 3),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => map.get("b"),
        () => map.set("b", undefined),
      ),
    ).toBe(0);
  });

  it("[R2] the methods that compare Sets are followed", () => {
    const set = reactive(new Set([1]));

    expect(
      rerunsOf(
        () => [set.union(new Set([2])).size, set.isSubsetOf(new Set([1]))],
        () => set.add(3),
      ),
    ).toBe(1);
  });

  it("[R17] WeakMap and WeakSet are opaque", () => {
    const values = [new WeakMap(), new WeakSet()];

    expect(toRaw(reactive({ values }).values)).toBe(values);
    for (const [index, value] of values.entries()) expect(reactive({ values }).values[index]).toBe(value);
  });

  it("[R18] a write through a readonly proxy throws, at any depth", () => {
    const fixed = readonly(reactive({ nested: { n: 1 }, map: new Map([["a", { n: 1 }]]) }));

    expect(() => ((fixed.nested as { n: number }).n = 9)).toThrow(/readonly/);
    expect(() => (fixed.map as Map<string, object>).clear()).toThrow(/readonly/);
    expect(isReactive(fixed.nested)).toBe(true);
  });

  it("[R3] readonly and shallow proxies in a state are stored raw, proxies in a shallow one, too", () => {
    const inner = { n: 1 };
    const state = reactive({ fixed: readonly(inner) as object, shallow: shallowReactive(inner) as object });
    const shallow = shallowReactive<Open>({});

    state.fixed = readonly(inner);
    shallow["inner"] = reactive(inner);

    expect([state.fixed, state.shallow].every((value) => value === reactive(inner))).toBe(true);
    expect(
      [toRaw(state).fixed, toRaw(state).shallow, shallow["inner"]].every((value) => value === inner),
    ).toBe(true);
  });

  it("[R11] an effect that writes what it reads is a cycle", () => {
    const state = reactive({ n: 0 });

    expect(() => effect(() => void state.n++)).toThrow(/Cycle/);
  });
});
