// What Vue documents of readonly and shallow proxies holds here, too.
import { reactive, readonly, shallowReactive, toRaw } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { expectFollowed, follow, type FollowedCase, rerunsOf } from "./follow.ts";

type Open = Record<PropertyKey, unknown>;

describe("readonly and shallow", () => {
  it("[R18] a readonly proxy of a reactive one follows what the other writes", () => {
    const state = reactive({ nested: { n: 1 }, map: new Map([["a", { n: 1 }]]) });
    const fixed = readonly(state);
    const seen = follow(() => [fixed.nested.n, fixed.map.get("a")?.n]);

    state.nested.n = 2;
    (state.map.get("a") as { n: number }).n = 3;

    expect(seen.at(-1)).toEqual([2, 3]);
    expect(readonly(fixed)).toBe(fixed);
    expect(toRaw(fixed)).toBe(toRaw(state));
  });

  it("[R1] [R18] reactive() of a readonly or shallow proxy is no way round it", () => {
    const fixed = readonly({ n: 1 });
    const shallow = shallowReactive({ n: 1 });

    expect(reactive(fixed)).toBe(fixed);
    expect(reactive(shallow)).toBe(shallow);
    expect(shallowReactive(shallow)).toBe(shallow);
  });

  it("[R18] a shallow proxy follows replaced values, and hands nested ones out as they are", () => {
    const nested = { n: 1 };
    const state = shallowReactive({ nested });

    expect(state.nested).toBe(nested);
    expect(
      rerunsOf(
        () => state.nested.n,
        () => (state.nested.n = 2),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => state.nested,
        () => (state.nested = { n: 3 }),
      ),
    ).toBe(1);
  });
});

const cases: FollowedCase[] = [
  [
    "a readonly Map's entries",
    () => {
      const map = reactive(new Map([["a", { n: 1 }]]));
      const fixed = readonly(map);
      return {
        read: () => [...fixed].map(([key, { n }]) => key + n).join(),
        changes: [() => map.set("b", { n: 2 }), () => Object.assign(map.get("a") as object, { n: 3 })],
        seen: ["a1", "a1,b2", "a3,b2"],
      };
    },
  ],
  [
    "a readonly array and Set",
    () => {
      const state = reactive({ list: [1], set: new Set([1]) });
      const fixed = readonly(state);
      return {
        read: () => [[...fixed.list].length, fixed.set.size, fixed.set.has(2)],
        changes: [() => state.list.push(2), () => state.set.add(2)],
        seen: [
          [1, 1, false],
          [2, 1, false],
          [2, 2, true],
        ],
      };
    },
  ],
  [
    "a shallow proxy's keys, presence and getters",
    () => {
      const state = shallowReactive<Open>({
        n: 1,
        get double(): number {
          return this.n * 2;
        },
      } as Open & { n: number });
      return {
        read: () => [Object.keys(state).length, "late" in state, state["double"]],
        changes: [() => (state["n"] = 2), () => (state["late"] = 1), () => delete state["late"]],
        seen: [
          [2, false, 2],
          [2, false, 4],
          [3, true, 4],
          [2, false, 4],
        ],
      };
    },
  ],
  [
    "a shallow proxy of an object that is changed through its deep one",
    () => {
      const raw = { n: 1 };
      const state = shallowReactive(raw);
      return { read: () => state.n, changes: [() => (reactive(raw).n = 2)], seen: [1, 2] };
    },
  ],
];

it.each(cases)("[R2] %s: followed, and nothing else", (_, start) => expectFollowed(start));
