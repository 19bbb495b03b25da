// What Vue documents of its reactive objects, arrays and collections holds here, too; what differs on purpose is told in the README.
import {
  computed,
  effect,
  isReactive,
  markRaw,
  reactive,
  readonly,
  shallowReactive,
  toRaw,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

/** How often `read` runs again because of `change`. */
function rerunsOf(read: () => unknown, change: () => void): number {
  const seen = follow(read);
  change();
  return seen.length - 1;
}

type Open = Record<PropertyKey, unknown>;

describe("objects", () => {
  it("[R2] a property that is looked up through the prototypes is followed where it is found", () => {
    const parent = reactive<Open>({ hidden: 2 });
    const child = reactive<Open>({ shown: 0 });
    Object.setPrototypeOf(child, parent);
    const seen = follow(() => [child["shown"], child["hidden"], "hidden" in child]);

    delete child["shown"];
    parent["shown"] = 4;
    child["hidden"] = 3;
    delete child["hidden"];
    parent["hidden"] = 5;

    expect(seen.at(-1)).toEqual([4, 5, true]);
    expect(seen).toContainEqual([4, 3, true]);
  });

  it("[R15] a setter found on a prototype writes what its readers follow", () => {
    let kept = 0;
    const parent = reactive({
      get prop() {
        return kept;
      },
      set prop(value: number) {
        kept = value;
      },
    });
    const child = reactive<Open>(Object.create(toRaw(parent)) as Open);

    child["prop"] = 4;

    expect(kept).toBe(4);
    expect(Object.hasOwn(toRaw(child), "prop")).toBe(false);
  });

  it.each<[string, (state: Open) => unknown]>([
    // oxlint-disable-next-line no-prototype-builtins -- it is what is asked for
    ["hasOwnProperty", (state) => (state as object).hasOwnProperty("late")],
    ["in", (state) => "late" in state],
    ["Object.keys", (state) => Object.keys(state).length],
    [
      "for..in",
      (state) => {
        let count = 0;
        for (const key in state) if (key !== "") count++;
        return count;
      },
    ],
    ["a plain read", (state) => state["late"]],
  ])("[R2] %s follows a property that comes and goes, and no other", (_, read) => {
    const state = reactive<Open>({ other: 1 });
    const seen = follow(() => read(state));

    state["other"] = 2;
    state["late"] = 1;
    delete state["late"];

    expect(seen).toHaveLength(3);
    expect(seen[2]).toEqual(seen[0]);
  });

  it("[R2] symbols of the program are followed, those of the language are not", () => {
    const own = Symbol("own");
    const state = reactive<Open>({ [own]: 1 });

    expect(
      rerunsOf(
        () => state[own],
        () => (state[own] = 2),
      ),
    ).toBe(1);
    expect(
      rerunsOf(
        () => state[Symbol.isConcatSpreadable],
        () => (state[Symbol.isConcatSpreadable] = true),
      ),
    ).toBe(0);
  });

  it("[R2] a function in a property is followed, and called with the proxy as this", () => {
    const state = reactive({
      count: 1,
      read(): number {
        return this.count;
      },
    });
    const seen = follow(() => state.read());

    state.count = 2;
    state.read = () => -1;

    expect(seen).toEqual([1, 2, -1]);
  });

  it("[R2] writes to the raw object are heard of by nobody, reads of it follow nothing", () => {
    const raw = { value: 1 };
    const state = reactive(raw);

    expect(
      rerunsOf(
        () => state.value,
        () => (raw.value = 2),
      ),
    ).toBe(0);
    expect(
      rerunsOf(
        () => toRaw(state).value,
        () => (state.value = 3),
      ),
    ).toBe(0);
  });

  it("[R2] an effect that writes what another one reads, and the other way round, settles", () => {
    const counts = reactive({ a: 0, b: 0 });
    effect(() => void (counts.b = Math.max(counts.a, counts.b)));
    effect(() => void (counts.a = Math.max(counts.a, counts.b)));

    counts.a = 4;
    counts.b = 9;

    expect(toRaw(counts)).toEqual({ a: 9, b: 9 });
  });

  it("[R3] what is assigned is kept raw, and handed out reactive", () => {
    const raw = { nested: {} as object };
    const state = reactive(raw);
    const other = {};

    state.nested = reactive(other);

    expect(raw.nested).toBe(other);
    expect(isReactive(raw.nested)).toBe(false);
    expect(state.nested).toBe(reactive(other));
  });

  it("[R2] a write to an heir of a proxy is the heir's, and tells the proxy's readers nothing", () => {
    const base = reactive<Open>({ foo: 1 });
    const heir = Object.create(base) as Open;

    expect(
      rerunsOf(
        () => base["foo"],
        () => (heir["foo"] = 2),
      ),
    ).toBe(0);
    expect([base["foo"], heir["foo"], Object.hasOwn(heir, "foo")]).toEqual([1, 2, true]);
  });

  it("[R17] markRaw holds at any depth", () => {
    const marked = markRaw({ inner: { value: 1 } });
    const state = reactive({ list: [marked], map: new Map([["m", marked]]) });

    expect(state.list[0]).toBe(marked);
    expect(state.map.get("m")).toBe(marked);
    expect(isReactive(state.list[0]?.inner)).toBe(false);
  });
});

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

type Case = [name: string, start: () => { read: () => unknown; changes: (() => unknown)[]; seen: unknown[] }];

const inObjects: Case[] = [
  [
    "JSON.stringify",
    () => {
      const state = reactive<Open>({ list: [1, { n: 2 }] });
      const list = state["list"] as [number, { n: number }, ...unknown[]];
      return {
        read: () => JSON.stringify(state),
        changes: [() => list[1].n++, () => list.push([]), () => (state["late"] = 1)],
        seen: [
          '{"list":[1,{"n":2}]}',
          '{"list":[1,{"n":3}]}',
          '{"list":[1,{"n":3},[]]}',
          '{"list":[1,{"n":3},[]],"late":1}',
        ],
      };
    },
  ],
  [
    "one branch",
    () => {
      const state = reactive({ isOn: true, value: "a" });
      return {
        read: () => (state.isOn ? state.value : "off"),
        changes: [() => (state.isOn = false), () => (state.value = "b"), () => (state.isOn = true)],
        seen: ["a", "off", "b"],
      };
    },
  ],
  [
    "a getter that reads a getter",
    () => {
      const state = reactive({
        n: 1,
        get double(): number {
          return this.n * 2;
        },
        get text(): string {
          return `${this.double}`;
        },
      });
      return { read: () => state.text, changes: [() => state.n++], seen: ["2", "4"] };
    },
  ],
  [
    "an instance's method and its class's getter",
    () => {
      class Counter {
        n = 1;
        get double(): number {
          return this.n * 2;
        }
        increment(): void {
          this.n++;
        }
      }
      const counter = reactive(new Counter());
      return { read: () => counter.double, changes: [() => counter.increment()], seen: [2, 4] };
    },
  ],
  [
    "an heir of a proxy",
    () => {
      const base = reactive<Open>({ a: 1 });
      const heir = Object.create(base) as Open;
      return { read: () => heir["a"], changes: [() => (base["a"] = 2)], seen: [1, 2] };
    },
  ],
  [
    "Object.entries and what is in them",
    () => {
      const state = reactive<Record<string, { n: number }>>({ a: { n: 1 } });
      return {
        read: () =>
          Object.entries(state)
            .map(([key, { n }]) => key + n)
            .join(),
        changes: [() => (state["b"] = { n: 2 }), () => Object.assign(state["a"] as object, { n: 3 })],
        seen: ["a1", "a1,b2", "a3,b2"],
      };
    },
  ],
  [
    "the presence of undefined",
    () => {
      const state = reactive<Open>({});
      return {
        read: () => ["a" in state, Object.keys(state).length],
        changes: [() => (state["a"] = undefined), () => delete state["a"], () => delete state["a"]],
        seen: [
          [false, 0],
          [true, 1],
          [false, 0],
        ],
      };
    },
  ],
  [
    "a computed",
    () => {
      const state = reactive({ n: 1 });
      const double = computed(() => state.n * 2);
      return { read: () => double.value, changes: [() => state.n++], seen: [2, 4] };
    },
  ],
];

const inArrays: Case[] = [
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

const inCollections: Case[] = [
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

const inViews: Case[] = [
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

it.each([...inObjects, ...inArrays, ...inCollections, ...inViews])(
  "[R2] %s: followed, and nothing else",
  (_, start) => {
    const { read, changes, seen } = start();
    const found = follow(read);
    for (const change of changes) change();

    expect(found).toEqual(seen);
  },
);

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
