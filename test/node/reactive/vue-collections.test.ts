// What Vue documents of reactive Maps, Sets and Dates holds here, too.
import { reactive } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { expectFollowed, type FollowedCase, rerunsOf } from "./follow.ts";

describe("collections", () => {
  it("[R2] setting a key that is there moves the readers of values, not of keys", () => {
    const map = reactive(new Map([["a", 1]]));

    expect(
      rerunsOf(
        () => [...map.keys()].length,
        () => map.set("a", 2),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => [...map.values()].join(),
        () => map.set("a", 4),
      ),
    ).toBe(1);
    expect(
      rerunsOf(
        () => [...map],
        () => map.set("b", 1),
      ),
    ).toBe(1);
  });

  it("[R11] NaN, as key or value, is itself", () => {
    const map = reactive(new Map([[Number.NaN, Number.NaN]]));
    const set = reactive(new Set([Number.NaN]));

    expect(
      rerunsOf(
        () => map.get(Number.NaN),
        () => map.set(Number.NaN, Number.NaN),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => map.get(Number.NaN),
        () => map.set(Number.NaN, 1),
      ),
    ).toBe(1);
    expect(
      rerunsOf(
        () => set.has(Number.NaN),
        () => set.delete(Number.NaN),
      ),
    ).toBe(1);
  });

  it("[R2] clear and delete of nothing tell nothing", () => {
    const map = reactive(new Map<string, number>());
    const set = reactive(new Set<string>());

    expect(
      rerunsOf(
        () => [map.size, map.has("a")],
        () => map.clear(),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => [map.get("a")],
        () => map.delete("a"),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => [set.size, set.has("a")],
        () => (set.clear(), set.delete("a")),
      ),
    ).toBe(0);
  });

  it("[R2] what values hold is followed, whatever way they were reached", () => {
    const inner = { n: 0 };
    const map = reactive(new Map([["a", { n: 0 }]]));
    const set = reactive(new Set([inner]));
    const ways = [
      () => map.get("a")?.n,
      () => [...map.values()][0]?.n,
      () => [...map][0]?.[1].n,
      () => {
        let found = -1;
        map.forEach((value) => (found = value.n));
        return found;
      },
    ];

    for (const way of ways) expect(rerunsOf(way, () => void (map.get("a") as { n: number }).n++)).toBe(1);
    expect(
      rerunsOf(
        () => [...set][0]?.n,
        () => reactive(inner).n++,
      ),
    ).toBe(1);
  });

  it("[R1] set and add answer the proxy", () => {
    const map = reactive(new Map<string, number>());
    const set = reactive(new Set<string>());

    expect(map.set("a", 1)).toBe(map);
    expect(set.add("a")).toBe(set);
  });

  it("[R10] forEach is given its this, and the proxy as collection", () => {
    const context = {};
    const map = reactive(new Map([["a", 1]]));
    const set = reactive(new Set(["a"]));
    const seen: unknown[] = [];

    map.forEach(function (this: unknown, _value, _key, owner) {
      seen.push(this, owner);
    }, context);
    set.forEach(function (this: unknown, _value, _key, owner) {
      seen.push(this, owner);
    }, context);

    expect(seen).toEqual([context, map, context, set]);
    expect(seen[1]).toBe(map);
  });
});

const cases: FollowedCase[] = [
  [
    "a Map in a Map",
    () => {
      const map = reactive(new Map([["a", new Map([["b", 1]])]]));
      return {
        read: () => map.get("a")?.get("b"),
        changes: [() => map.get("a")?.set("b", 2), () => map.delete("a")],
        seen: [1, 2, undefined],
      };
    },
  ],
  [
    "objects that are keys",
    () => {
      const key = { n: 1 };
      const map = reactive(new Map([[key, 1]]));
      return { read: () => [...map.keys()][0]?.n, changes: [() => reactive(key).n++], seen: [1, 2] };
    },
  ],
  [
    "subclasses of Map and Set",
    () => {
      class Book extends Map<string, number> {
        first(): number | undefined {
          return this.get("a");
        }
      }
      class Tags extends Set<string> {}
      const state = reactive({ book: new Book(), tags: new Tags() });
      return {
        read: () => [state.book.first(), state.tags.has("a"), state.book instanceof Book],
        changes: [() => state.book.set("a", 1), () => state.tags.add("a")],
        seen: [
          [undefined, false, true],
          [1, false, true],
          [1, true, true],
        ],
      };
    },
  ],
  [
    "copies of collections",
    () => {
      const map = reactive(new Map([["a", 1]]));
      const set = reactive(new Set([1]));
      return {
        read: () => [new Map(map).get("a"), new Set(set).size, Map.groupBy(set, (n) => n).size],
        changes: [() => map.set("a", 2), () => set.add(2)],
        seen: [
          [1, 1, 1],
          [2, 1, 1],
          [2, 2, 2],
        ],
      };
    },
  ],
  [
    "the presence of a key that has undefined",
    () => {
      const map = reactive(new Map<string, undefined>());
      return {
        read: () => map.has("a"),
        changes: [() => map.set("a", undefined), () => map.clear()],
        seen: [false, true, false],
      };
    },
  ],
];

it.each(cases)("[R2] %s: followed, and nothing else", (_, start) => expectFollowed(start));
