import { applyPatches, effect, isReactive, reactive, toRaw, trackDirty, watch } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

function makeMixed() {
  const list: unknown[] = [{ n: 3 }, 2, undefined, "a hole", { n: 1 }];
  delete list[3];
  return { list };
}

describe("reactive arrays", () => {
  it("[R10] is an array to everybody", () => {
    const list = reactive([1, [2], { a: 3 }]);

    expect(Array.isArray(list)).toBe(true);
    expect(list).toBeInstanceOf(Array);
    expect([0, ...list, 4]).toHaveLength(5);
    expect([0].concat(list as number[])).toHaveLength(4);
    expect(JSON.stringify(list)).toBe('[1,[2],{"a":3}]');
    expect(structuredClone(toRaw(list))).toEqual([1, [2], { a: 3 }]);
  });

  it("[R2] an index, the length and the whole are followed apart", () => {
    const list = reactive([1, 2]);
    const first = follow(() => list[0]);
    const length = follow(() => list.length);
    const all = follow(() => list.join());

    list[1] = 5;
    list.push(6);
    list[0] = 7;
    list.length = 1;

    expect(first).toEqual([1, 7]);
    expect(length).toEqual([2, 3, 1]);
    expect(all).toEqual(["1,2", "1,5", "1,5,6", "7,5,6", "7"]);
  });

  it("[R2] a method that changes many indexes is one change", () => {
    const list = reactive([3, 1, 2]);
    const seen = follow(() => [...list].join());

    list.sort();
    list.reverse();
    list.splice(1, 1, 8, 9);
    list.unshift(0);
    list.fill(4, 3);
    list.copyWithin(0, 3);

    expect(seen).toEqual(["3,1,2", "1,2,3", "3,2,1", "3,8,9,1", "0,3,8,9,1", "0,3,8,4,4", "4,4,8,4,4"]);
  });

  it("[R11] a method that changes nothing tells nothing", () => {
    const list = reactive([1, 2, 3]);
    const seen = follow(() => [...list]);

    list.sort();
    list.push();
    list.splice(1, 1, 2);
    list.fill(1, 0, 1);
    list.length = 3;

    expect(seen).toHaveLength(1);
  });

  it("[R20] identity searches find an object by itself and by its proxy", () => {
    const raw = { id: 1 };
    const list = reactive<unknown[]>([{}, raw]);

    expect(list.includes(raw)).toBe(true);
    expect(list.includes(list[1])).toBe(true);
    expect(list.indexOf(raw)).toBe(1);
    expect(list.lastIndexOf(list[1])).toBe(1);
    expect(list.indexOf({})).toBe(-1);
    expect(list.findIndex((item) => item === list[1])).toBe(1);
  });

  it("[R20] everything that hands out an item hands out its proxy", () => {
    const list = reactive([{ n: 2 }, { n: 1 }]);
    const [first] = list;

    expect(list.find((item) => item.n === 2)).toBe(first);
    expect(list.filter((item) => item.n > 0)).toEqual([first, list[1]]);
    expect(list.filter((item) => item.n > 0).includes(first as { n: number })).toBe(true);
    expect(list.slice()[0]).toBe(first);
    expect(list.at(0)).toBe(first);
    expect(list.toSorted((a, b) => a.n - b.n)[1]).toBe(first);
    expect([...list.entries()][0]?.[1]).toBe(first);
    expect(list.values().next().value).toBe(first);
    expect(
      list
        .values()
        .map((item) => item.n)
        .toArray(),
    ).toEqual([2, 1]);
    expect(list.reduce((found, item) => (item.n > found.n ? item : found))).toBe(first);
    expect(list.splice(0, 1)[0]).toBe(first);
    expect(isReactive(list.pop())).toBe(true);
    expect(list).toHaveLength(0);
  });

  it("[R20] what reduce() makes is the callback's own, and no proxy", () => {
    const list = reactive([{ n: 1 }, { n: 2 }, { n: 3 }]);
    const seen: boolean[] = [];

    const sum = list.reduce((total, item) => {
      seen.push(isReactive(total), isReactive(item));
      return { n: total.n + item.n };
    });

    expect(sum).toEqual({ n: 6 });
    expect(isReactive(sum)).toBe(false);
    expect(seen).toEqual([true, true, false, true]);
  });

  it("[R20] callbacks get the proxy as array, and this as given", () => {
    const list = reactive([1]);
    const self = {};

    list.forEach(function (this: unknown, item, index, all) {
      expect([item, index, all === list, this === self]).toEqual([1, 0, true, true]);
    }, self);
    expect(() => list.map(undefined as unknown as () => void)).toThrow(TypeError);
  });

  it("[R10] holes stay holes", () => {
    const list = reactive<(number | undefined)[]>([1]);
    list[3] = 4;
    delete list[0];

    expect(0 in list).toBe(false);
    expect(Object.keys(list)).toEqual(["3"]);
    expect(list.map((item) => item).length).toBe(4);
    let visits = 0;
    list.forEach(() => visits++);
    expect(visits).toBe(1);
  });

  it("[R10] undefined is an item to every method that holes are none to", () => {
    const plain: unknown[] = [undefined, 1, null, undefined, 0];
    delete plain[3];
    const list = reactive(structuredClone(plain));
    const calls: Record<string, (of: unknown[], visit: (...args: unknown[]) => unknown) => unknown> = {
      map: (of, visit) => of.map(visit),
      filter: (of, visit) => of.filter((...args) => (visit(...args), true)),
      forEach: (of, visit) => of.forEach(visit),
      some: (of, visit) => of.some((...args) => (visit(...args), false)),
      every: (of, visit) => of.every((...args) => (visit(...args), true)),
      find: (of, visit) => of.find((...args) => (visit(...args), false)),
      findIndex: (of, visit) => of.findIndex((...args) => (visit(...args), false)),
      findLast: (of, visit) => of.findLast((...args) => (visit(...args), false)),
      flatMap: (of, visit) => of.flatMap((...args) => (visit(...args), [args[1]])),
      reduce: (of, visit) => of.reduce((sum, ...args) => (visit(...args), sum), 0),
      reduceRight: (of, visit) => of.reduceRight((sum, ...args) => (visit(...args), sum), 0),
      iteration: (of, visit) => [...of].map(visit),
      entries: (of) => [...of.entries()],
      keys: (of) => [...of.keys()],
      includes: (of) => [of.includes(undefined), of.includes(undefined, 4)],
      indexOf: (of) => [of.indexOf(undefined), of.lastIndexOf(undefined), of.indexOf(null)],
      join: (of) => of.join(),
      flat: (of) => of.flat(),
      concat: (of) => of.concat([1]),
      toSpliced: (of) => of.toSpliced(1, 1),
      toReversed: (of) => of.toReversed(),
    };
    for (const [name, call] of Object.entries(calls)) {
      const [expected, found] = [plain, list].map((of) => {
        const visited: unknown[] = [];
        const result = call(of, (item, index) => void visited.push([item, index]));
        return [name, visited, result, Object.keys(Object(result))];
      });
      expect(found).toEqual(expected);
    }
  });

  it("[R10] an iterator that came to the end stays there", () => {
    const list = reactive([1]);
    for (const iterator of [list[Symbol.iterator](), list.entries(), list.keys(), list.values()]) {
      expect(iterator.next().done).toBe(false);
      expect(iterator.next()).toEqual({ value: undefined, done: true });
      list.push(2);
      expect(iterator.next()).toEqual({ value: undefined, done: true });
      list.pop();
    }
  });

  it("[R10] two effects that push don't feed each other", () => {
    const list = reactive<number[]>([]);
    effect(() => {
      list.push(1);
    });
    effect(() => {
      list.push(2);
    });

    expect(toRaw(list)).toEqual([1, 2]);
  });

  it("[R10] subclasses keep their methods", () => {
    class Stack<T> extends Array<T> {
      top() {
        return this.at(-1);
      }
      override push(...items: T[]) {
        return super.push(...items.toReversed());
      }
    }
    const stack = reactive(new Stack<number>());
    const seen = follow(() => stack.top());

    stack.push(1, 2);

    expect(stack).toBeInstanceOf(Stack);
    expect(toRaw(stack).join()).toBe("2,1");
    expect(seen.at(-1)).toBe(1);
  });

  it("[R11] a splice wakes nobody with undefined for undefined, and whoever saw it with undefined for a hole", () => {
    const list = reactive<unknown[]>([undefined]);
    list.length = 2;
    const seen = follow(() => Object.keys(list.slice()).join());

    list.splice(0, 1, undefined);
    list.splice(1, 1, undefined);

    expect(seen).toEqual(["0", "0,1"]);
  });

  it("[R10] a comparator sees proxies, and one that throws leaves what the language leaves", () => {
    const list = reactive([{ n: 2 }, { n: 1 }, { n: 3 }]);
    const seen = follow(() => list.map((item) => item.n).join());

    list.sort((a, b) => {
      expect(isReactive(a)).toBe(true);
      return a.n - b.n;
    });
    expect(() =>
      // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is tried here
      list.sort(() => {
        throw new Error("no order");
      }),
    ).toThrow("no order");

    expect(seen).toEqual(["2,1,3", "1,2,3"]);
  });

  it.each<[string, (list: unknown[]) => unknown]>([
    ["adds", (list) => list.push(9, { n: 9 })],
    ["puts in front", (list) => list.unshift({ n: 0 })],
    ["removes", (list) => [list.pop(), list.shift()]],
    ["empties", (list) => (list.length = 0)],
    ["replaces", (list) => (list[1] = { n: 7 })],
    ["makes longer", (list) => (list[9] = { n: 8 })],
    ["moves", (list) => list.copyWithin(0, 3)],
  ])(
    "[R10] [R9] [R12] a comparator that %s has its list sorted as it was, and told as it is",
    (_what, write) => {
      const sort = (list: unknown[]) => {
        let calls = 0;
        // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is tried here
        return list.sort((a, b) => {
          if (calls++ === 1) write(list);
          return Number((a as { n?: number }).n ?? a) - Number((b as { n?: number }).n ?? b);
        });
      };
      const plain = makeMixed();
      const state = reactive(makeMixed());
      const tracker = trackDirty(state);
      const [taken, told, back] = [makeMixed(), makeMixed(), makeMixed()];
      const inverses: Parameters<typeof applyPatches>[1][] = [];
      watch(state, (patches, inverse) => {
        applyPatches(told, patches);
        inverses.unshift(inverse);
      });

      sort(plain.list);
      expect(sort(state.list)).toBe(state.list);

      expect(toRaw(state)).toStrictEqual(plain);
      expect(told).toStrictEqual(plain);
      for (const inverse of inverses) applyPatches(told, inverse);
      expect(told).toStrictEqual(back);
      const patches = tracker.take().get("list")?.patches;
      applyPatches(taken.list, patches ?? []);
      expect(patches === null ? plain : taken).toStrictEqual(plain);
    },
  );

  it("[R10] a method makes what it makes of a plain array of the class", () => {
    class Sized extends Array<unknown> {
      static override get [Symbol.species]() {
        return Array;
      }
    }
    class Plain extends Array<unknown> {
      override join() {
        return `${this.length} items`;
      }
    }
    class Owned extends Array<unknown> {
      constructor(readonly owner: { name: string }) {
        super();
        if (owner.name === "") throw new Error("nobody");
      }
      static override get [Symbol.species]() {
        return Plain as never;
      }
    }
    const makers: (() => unknown[])[] = [
      () => new Sized(),
      () => new Plain(),
      () => new Owned({ name: "x" }),
      () => Object.assign([], { constructor: Owned }),
      () => Object.freeze(Plain.from([1, [2]])) as unknown[],
    ];
    const methods: ((list: unknown[]) => unknown)[] = [
      (list) => list.map((item) => item),
      (list) => list.filter(() => true),
      (list) => list.flatMap((item) => item),
      (list) => list.flat(),
      (list) => list.slice(1),
      (list) => list.concat([5]),
      (list) => list.toSpliced(0, 1),
      (list) => list.toReversed(),
      (list) => list.toSorted(),
      (list) => list.with(0, 7),
      (list) => String(list),
      (list) => Object.isFrozen(list) || list.splice(0, 1),
      (list) =>
        Object.isFrozen(list) || [list.push(undefined), list.pop(), list.copyWithin(0, 1), list.fill(1)],
      (list) => Object.isFrozen(list) || Reflect.apply(list.splice, list, []),
    ];
    const run = (method: (typeof methods)[0], list: unknown[]) => {
      if (!Object.isFrozen(list)) list.push({ n: 1 }, [2, [3]], 4);
      const result = method(list);
      return [typeof result === "object" && result !== null && result.constructor.name, result, [...list]];
    };
    for (const make of makers)
      for (const method of methods) expect(run(method, reactive(make()))).toEqual(run(method, make()));
  });

  it("[R10] a splice asks once where it starts, as the language does", () => {
    let asked = 0;
    const start = { valueOf: () => ++asked } as unknown as number;
    const list = reactive([1, 2, 3]);

    expect(list.splice(start, 1)).toEqual([2]);
    expect(() => list.splice(1n as never, 1)).toThrow(TypeError);

    expect([asked, ...list]).toEqual([1, 1, 3]);
  });

  it("[R10] what a class of arrays overrides hides no item from who follows the list", () => {
    class Odd extends Array<unknown> {
      override keys(): ArrayIterator<number> {
        return [][Symbol.iterator]();
      }
      override slice(): unknown[] {
        throw new Error("[test] not to be asked");
      }
      override concat(): unknown[] {
        throw new Error("[test] not to be asked");
      }
    }
    const root = reactive({ list: new Odd({ n: 1 }, { n: 2 }, 3) as { n: number }[] });
    const { list } = root;
    const dirty = trackDirty(root);
    const ops: unknown[] = [];
    watch(root, (patches) => ops.push(...patches.map(({ op, path }) => [op, ...path])));

    (list[1] as { n: number }).n++;
    list.length = 2;
    Object.defineProperty(list, "length", { value: 1 });
    list.push({ n: 5 });
    list.splice(0, 1);
    list.push({ n: 0 });
    list.sort((a, b) => a.n - b.n);
    list.pop();
    (list[0] as { n: number }).n++;

    expect(ops).toEqual([
      ["set", "list", 1, "n"],
      ["splice", "list"],
      ["splice", "list"],
      ["splice", "list"],
      ["splice", "list"],
      ["splice", "list"],
      ["splice", "list"],
      ["splice", "list"],
      ["set", "list", 0, "n"],
    ]);
    expect([...dirty.take().keys()]).toEqual(["list"]);
    expect([...list]).toEqual([{ n: 1 }]);
  });

  it("[R10] a class whose constructor takes something else is never made by a change of the list", () => {
    class Named extends Array<unknown> {
      constructor({ name }: { name: string }) {
        super();
        Object.assign(this, { name: name.trim() });
      }
    }
    const list = reactive(new Named({ name: "odd" }) as unknown[]);
    list.push(3, 1, 2);
    list.sort();
    list.fill(7, 0, 1);
    list.length = 2;
    Object.defineProperty(list, "length", { value: 1 });

    expect([...list]).toEqual([7]);
  });

  it("[R10] sorts and joins also a list that says that concat() is not to spread it", () => {
    const list = reactive(Object.assign([3, 1, 2], { [Symbol.isConcatSpreadable]: false }));

    expect(list.join("-")).toBe("3-1-2");
    list.sort();
    expect([...list]).toEqual([1, 2, 3]);
  });
});
