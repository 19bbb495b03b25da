import { isReactive, reactive, toRaw, transaction } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

it("[R10] iterators of a Map and a Set say what they are", () => {
  const raw = { map: new Map([[1, {}]]), set: new Set([{}]) };
  const { map, set } = reactive(raw);
  const iterators = (of: typeof raw) => [
    of.map.keys(),
    of.map.values(),
    of.map.entries(),
    of.set.values(),
    of.set.entries(),
  ];

  expect(iterators({ map, set }).map(String)).toEqual(iterators(raw).map(String));
});

describe("reactive Map", () => {
  it("[R1] is a Map, with one identity", () => {
    const raw = new Map<string, { n: number }>([["a", { n: 1 }]]);
    const map = reactive(raw);

    expect(map).toBeInstanceOf(Map);
    expect(Object.prototype.toString.call(map)).toBe("[object Map]");
    expect(reactive(raw)).toBe(map);
    expect(toRaw(map)).toBe(raw);
    expect(isReactive(map.get("a"))).toBe(true);
    expect(map).toEqual(new Map([["a", { n: 1 }]]));
  });

  it("[R2] keys, presence, size, order of keys and contents are followed apart", () => {
    const map = reactive(new Map<unknown, number>([["a", 1]]));
    const a = follow(() => map.get("a"));
    const hasB = follow(() => map.has("b"));
    const size = follow(() => map.size);
    const keys = follow(() => [...map.keys()].join());
    const sum = follow(() => [...map.values()].reduce((total, n) => total + n, 0));

    map.set("a", 2);
    map.set("b", 5);
    map.delete("b");
    map.set("a", 2);
    map.clear();

    expect(a).toEqual([1, 2, undefined]);
    expect(hasB).toEqual([false, true, false]);
    expect(size).toEqual([1, 2, 1, 0]);
    expect(keys).toEqual(["a", "a,b", "a", ""]);
    expect(sum).toEqual([1, 2, 7, 2, 0]);
  });

  it("[R20] an object and its proxy are one key", () => {
    const key = { id: 1 };
    const map = reactive(new Map<unknown, number>([[key, 1]]));
    const proxy = [...map.keys()][0];

    expect(isReactive(proxy)).toBe(true);
    expect(map.get(proxy)).toBe(1);
    expect(map.get(key)).toBe(1);
    map.set(proxy, 2);
    expect(map.size).toBe(1);
    expect(map.delete(proxy)).toBe(true);
    expect(map.has(key)).toBe(false);
  });

  it("[R3] never stores a proxy as key or value", () => {
    const map = reactive(new Map<unknown, unknown>());
    const inner = reactive({ n: 1 });

    map.set(inner, { deep: inner });

    expect(() => structuredClone(toRaw(map))).not.toThrow();
    expect(toRaw(map).has(toRaw(inner))).toBe(true);
  });

  it("[R10] forEach, iterators and their helpers hand out proxies, and see what comes meanwhile", () => {
    const map = reactive(new Map([[1, { n: 1 }]]));
    const visited: number[] = [];

    map.forEach((value, key, self) => {
      visited.push(value.n);
      expect(self).toBe(map);
      if (key < 3) map.set(key + 1, { n: key + 1 });
    });

    expect(visited).toEqual([1, 2, 3]);
    expect(map.values().every((value) => isReactive(value))).toBe(true);
    expect(new Map(map).get(1)).toBe(map.get(1));
    expect(map.entries().toArray().length).toBe(3);
    expect(map.set(9, { n: 9 })).toBe(map);
  });

  it("[R21] a structured clone of the facade fails rather than lose the entries", () => {
    expect(() => structuredClone(reactive(new Map([[1, 1]])))).toThrow("toRaw");
    expect(() => structuredClone(reactive(new Set([1])))).toThrow("toRaw");
    expect(structuredClone(reactive(new Date(5)))).toEqual(new Date(5));
  });

  it("[R21] subclasses keep their own methods; one that overrides the language's is refused", () => {
    class Bag extends Map<string, number> {
      total() {
        return [...this.values()].reduce((sum, n) => sum + n, 0);
      }
    }
    class Loud extends Map<string, number> {
      override set(key: string, value: number) {
        return super.set(key.toUpperCase(), value);
      }
    }
    const bag = reactive(new Bag([["a", 1]]));
    const seen = follow(() => bag.total());

    bag.set("b", 2);

    expect(bag).toBeInstanceOf(Bag);
    expect(seen).toEqual([1, 3]);
    expect(() => reactive(new Loud())).toThrow(/Loud .*overrides set\(\)/);
  });
});

describe("reactive Set", () => {
  it("[R2] members, size and iteration are followed", () => {
    const set = reactive(new Set<unknown>([1]));
    const hasTwo = follow(() => set.has(2));
    const size = follow(() => set.size);
    const all = follow(() => [...set].join());

    set.add(2);
    set.add(2);
    set.delete(1);
    set.clear();

    expect(hasTwo).toEqual([false, true, false]);
    expect(size).toEqual([1, 2, 1, 0]);
    expect(all).toEqual(["1", "1,2", "2", ""]);
  });

  it("[R10] has for keys(), values() and iteration one function, and lists nothing", () => {
    const set = reactive(new Set([{ n: 1 }]));
    const listed: string[] = [];
    for (const key in set) listed.push(key);

    expect(set.keys).toBe(set.values);
    expect(set[Symbol.iterator]).toBe(set.values);
    expect(listed).toEqual([]);
    expect([...set.keys()].every(isReactive)).toBe(true);
  });

  it("[R2] whoever goes through it in any way hears of a member that comes", () => {
    const set = reactive(new Set([1]));
    const ways = [
      () => [...set],
      () => [...set.keys()],
      () => [...set.entries()].map(([member]) => member),
      () => {
        const members: number[] = [];
        // oxlint-disable-next-line unicorn/no-array-for-each -- one of the ways
        set.forEach((member) => members.push(member));
        return members;
      },
    ].map((read) => follow(read));

    set.add(2);

    for (const seen of ways) expect(seen).toEqual([[1], [1, 2]]);
  });

  it("[R20] an object and its proxy are one member", () => {
    const raw = { id: 1 };
    const set = reactive(new Set<unknown>([raw]));
    const [proxy] = set;

    set.add(proxy);

    expect(set.size).toBe(1);
    expect(set.has(raw) && set.has(proxy)).toBe(true);
    expect(isReactive([...set.entries()][0]?.[0])).toBe(true);
  });

  it("[R10] set algebra works between reactive, plain, and mixed sets", () => {
    const a = { id: "a" };
    const b = { id: "b" };
    const set = reactive(new Set([a, b]));
    const other = reactive(new Set([b]));
    const seen = follow(() => set.intersection(other).size);

    expect([...set.intersection(new Set([a]))]).toEqual([a]);
    expect([...set.difference(other)][0]).toBe([...set][0]);
    expect(set.union(new Set([a])).size).toBe(2);
    expect(set.isSupersetOf(other)).toBe(true);
    expect(new Set([a]).isDisjointFrom(toRaw(other))).toBe(true);
    expect(set.symmetricDifference(other).size).toBe(1);
    other.add(a);
    expect(seen).toEqual([1, 2]);
  });
});

describe("what is like a Set", () => {
  const names = [
    "union",
    "intersection",
    "difference",
    "symmetricDifference",
    "isSubsetOf",
    "isSupersetOf",
    "isDisjointFrom",
  ] as const;
  type Like = ReadonlySetLike<unknown>;
  const likes: Record<string, (log: unknown[]) => Like> = {
    "tells what it is asked": (log) => ({
      get size() {
        return (log.push("size"), 2);
      },
      get has() {
        return (log.push("has"), (member: unknown) => member === 1);
      },
      get keys() {
        return (log.push("keys"), () => [1, 5].values());
      },
    }),
    "is large": (log) => ({
      size: Infinity,
      has: (member) => log.push(member) > 1,
      keys: () => [3].values(),
    }),
    "can't be asked": () => ({ size: 2, has: undefined as never, keys: () => [1].values() }),
    "can't be listed": () => ({ size: 2, has: () => true, keys: 5 as never }),
    "has no size": () => ({ size: Number.NaN, has: () => true, keys: () => [1].values() }),
    "needs its this": () => new Map([[1, 2]]),
  };

  describe.each(Object.entries(likes))("and %s", (_what, make) => {
    it.each(names)("[R10] is to %s what it is to a plain Set", (name) => {
      const run = (set: Set<unknown>) => {
        const log: unknown[] = [];
        try {
          const result: unknown = set[name](make(log));
          return [result, log];
        } catch (error) {
          return [error instanceof Error && error.name, log];
        }
      };

      expect(run(reactive(new Set([1, 2, "a"])))).toEqual(run(new Set([1, 2, "a"])));
    });
  });
});

describe("reactive Date", () => {
  it("[R2] setters are followed, whatever part of the Date is read", () => {
    const state = reactive({ when: new Date(Date.UTC(2026, 0, 1)) });
    const held = state.when;
    const year = follow(() => state.when.getUTCFullYear());
    const text = follow(() => held.toISOString());
    const copy = follow(() => new Date(state.when).getTime());

    state.when.setUTCFullYear(2027);
    state.when.setTime(state.when.getTime());

    expect(year).toEqual([2026, 2027]);
    expect(text).toHaveLength(2);
    expect(copy).toHaveLength(2);
    expect(held).toBeInstanceOf(Date);
    expect(toRaw(state).when.getUTCFullYear()).toBe(2027);
    expect(Number(held) - Number(new Date(toRaw(state).when))).toBe(0);
    expect(`${held}`).toBe(String(toRaw(held)));
  });

  it("[R10] whoever copies a Date finds the time that a setter gave it, or a rollback gave back", () => {
    const state = reactive({ date: new Date(1) });
    const { date } = state;

    date.setTime(5);
    const copies = [new Date(date).getTime(), structuredClone(date).getTime()];
    expect(() =>
      transaction(() => {
        date.setTime(9);
        copies.push(new Date(date).getTime());
        throw new Error("taken back");
      }),
    ).toThrow("taken back");
    copies.push(new Date(date).getTime());

    expect(copies).toEqual([5, 5, 9, 5]);
  });
});
