// What Vue documents of reactive arrays holds here, too.
import { effect, isReactive, reactive, toRaw } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { expectFollowed, follow, type FollowedCase, rerunsOf } from "./follow.ts";

describe("arrays", () => {
  it("[R2] deleting an index, writing one that is there and writing a name leave the length's readers alone", () => {
    const list = reactive([1, 2, 3] as number[] & { note?: string });

    expect(
      rerunsOf(
        () => list.length,
        () => delete list[1],
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => list.length,
        () => (list[0] = 9),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => list.length,
        () => (list.note = "x"),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => list.length,
        () => (list[3] = 4),
      ),
    ).toBe(1);
  });

  it("[R2] a shorter length is told to the readers of what is cut off, and to no others", () => {
    const list = reactive([1, 2, 3, 4]);

    expect(
      rerunsOf(
        () => list[3],
        () => (list.length = 3),
      ),
    ).toBe(1);
    expect(
      rerunsOf(
        () => list[0],
        () => (list.length = 1),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => list[0],
        () => (list.length = 0),
      ),
    ).toBe(1);
  });

  it("[R2] writing far beyond the end makes holes that are followed like items", () => {
    const list = reactive<string[]>([]);
    const seen = follow(() => list.join(" "));

    list[1] = "World!";
    list[0] = "Hello";
    list.length = 1;

    expect(seen).toEqual(["", " World!", "Hello World!", "Hello"]);
  });

  it("[R2] for..in and hasOwnProperty follow the indexes", () => {
    const list = reactive([1]);
    const keys = follow(() => {
      const found: string[] = [];
      for (const key in list) found.push(key);
      return found.join();
    });
    // oxlint-disable-next-line no-prototype-builtins -- it is what is asked for
    const has = follow(() => list.hasOwnProperty(1));

    list.push(2);
    list.pop();

    expect(keys).toEqual(["0", "0,1", "0"]);
    expect(has).toEqual([false, true, false]);
  });

  it("[R20] a search finds raw and proxy, in any mixture, and from an index on", () => {
    const first = {};
    const second = {};
    const list = reactive([first, second, first]);

    expect(list.includes(first) && list.includes(reactive(first))).toBe(true);
    expect([list.indexOf(reactive(first), 1), list.lastIndexOf(first, 1), list.indexOf({})]).toEqual([
      2, 0, -1,
    ]);
    expect(toRaw(list).includes(reactive(first))).toBe(false);
  });

  it("[R20] every method hands its callback proxies, the index and the proxy of the array", () => {
    const list = reactive([{ n: 1 }, { n: 2 }]);
    const given: unknown[][] = [];
    const note = (...args: unknown[]): boolean => given.push(args) === 0;

    list.every((...args) => !note(...args));
    list.some(note);
    list.filter(note);
    list.find(note);
    list.findIndex(note);
    list.findLast(note);
    list.findLastIndex(note);
    list.flatMap(note);
    for (const run of [list.forEach, list.map]) run.call(list, note);

    expect(given).toHaveLength(20);
    for (const [item, index, owner] of given) {
      expect(item).toBe(list[index as number]);
      expect(owner).toBe(list);
    }
  });

  it("[R20] copies are plain arrays of proxies", () => {
    const list = reactive([{ n: 2 }, { n: 1 }]);

    for (const copy of [
      list.slice(),
      list.concat([{ n: 3 }]),
      list.filter(() => true),
      list.toReversed(),
      list.toSorted((a, b) => a.n - b.n),
      list.toSpliced(0, 0),
      list.with(0, { n: 5 }).slice(1),
      [...list.values()],
      [...list.entries()].map(([, item]) => item),
      Array.from(list),
    ]) {
      expect(isReactive(copy)).toBe(false);
      for (const item of copy.slice(0, 1)) expect(item).toBe(reactive(item));
    }
  });

  it("[R11] an effect that pushes doesn't follow the length it moves", () => {
    const list = reactive<number[]>([]);
    let runs = 0;

    effect(() => {
      runs++;
      list.push(runs);
    });
    list.push(9);

    expect([runs, [...toRaw(list)]]).toEqual([1, [1, 9]]);
  });
});

const cases: FollowedCase[] = [
  [
    "a length given as text",
    () => {
      const list = reactive([1, 2, 3]);
      return {
        read: () => [list.length, list[2]],
        changes: [() => Reflect.set(list, "length", "2")],
        seen: [
          [3, 3],
          [2, undefined],
        ],
      };
    },
  ],
  [
    "overridden methods of a subclass",
    () => {
      class Cards extends Array<{ id: number }> {
        byId(id: number): object | undefined {
          return super.find((card) => card.id === id);
        }
        override push(...cards: { id: number }[]): number {
          return super.push(...cards.filter(({ id }) => this.byId(id) === undefined));
        }
      }
      const cards = reactive(new Cards({ id: 2 }, { id: 1 }));
      return {
        read: () => [cards.byId(3) === cards[2], cards.length],
        changes: [() => cards.push({ id: 1 }, { id: 3 })],
        seen: [
          [true, 2],
          [true, 3],
        ],
      };
    },
  ],
  [
    "concat of two, and into a plain one",
    () => {
      const first = reactive([1]);
      const second = reactive([2]);
      return {
        read: () => [first.concat(second, 3).length, ([] as number[]).concat(second).length],
        changes: [() => second.push(4), () => first.pop()],
        seen: [
          [3, 1],
          [4, 2],
          [3, 2],
        ],
      };
    },
  ],
  [
    "destructuring, spread, flat, reduce and Array.from",
    () => {
      const list = reactive([[1], [2]]);
      const [first] = list;
      return {
        read: () => {
          const [[head] = []] = list;
          const sum = list.reduce((total, [n = 0]) => total + n, 0);
          return [head, Math.max(...list.flat()), sum, Array.from(list, ({ length }) => length)].join();
        },
        changes: [() => first?.unshift(5)],
        seen: ["1,2,3,1,1", "5,5,7,2,1"],
      };
    },
  ],
  [
    "an item found by what is in it",
    () => {
      const list = reactive([{ id: 1, isDone: false }]);
      return {
        read: () => list.find(({ isDone }) => isDone)?.id,
        changes: [() => Object.assign(list[0] as object, { isDone: true })],
        seen: [undefined, 1],
      };
    },
  ],
  [
    "keys() where an item is replaced",
    () => {
      const list = reactive(["a"]);
      return {
        read: () => [...list.keys()].length,
        changes: [() => (list[0] = "b"), () => list.push("c")],
        seen: [1, 2],
      };
    },
  ],
  [
    "a hole that is filled",
    () => {
      const list = reactive<number[]>([]);
      list[1] = 1;
      return {
        read: () => [0 in list, list.map((n) => n).length],
        changes: [() => (list[0] = 0)],
        seen: [
          [false, 2],
          [true, 2],
        ],
      };
    },
  ],
];

it.each(cases)("[R2] %s: followed, and nothing else", (_, start) => expectFollowed(start));
