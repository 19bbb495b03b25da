// A transaction that throws: whatever it did, all is as it was, and nobody has heard of it.
import { reactive, snapshot, toRaw, trackDirty, transaction, watch } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

const newState = () => ({
  record: { a: 1, b: { n: 1 }, c: undefined as number | undefined } as Record<string, unknown>,
  list: [3, { n: 1 }, 1, undefined, 2] as unknown[],
  map: new Map<unknown, unknown>([
    ["a", 1],
    ["b", { n: 1 }],
    ["c", undefined],
  ]),
  set: new Set<unknown>(["a", "b", "c"]),
  date: new Date(0),
});
type State = ReturnType<typeof newState>;

const changes: Record<string, (state: State) => void> = {
  "a property set": ({ record }) => void (record["a"] = 2),
  "a property added": ({ record }) => void (record["d"] = 2),
  "a property deleted": ({ record }) => void delete record["a"],
  "a property deleted and added": ({ record }) => {
    delete record["a"];
    record["a"] = 1;
  },
  "a property defined": ({ record }) =>
    void Object.defineProperty(record, "a", { value: 2, enumerable: false }),
  "a property made an accessor": ({ record }) => void Object.defineProperty(record, "a", { get: () => 2 }),
  "something below": ({ record }) => void ((record["b"] as { n: number }).n = 2),
  "an object replaced, and changed": ({ record }) => {
    const b = record["b"] as { n: number };
    record["b"] = { n: 1 };
    b.n = 2;
  },
  "an index set": ({ list }) => void (list[0] = 4),
  "an index deleted": ({ list }) => void delete list[0],
  "an index far behind": ({ list }) => void (list[9] = 4),
  "a shorter length": ({ list }) => void (list.length = 2),
  "a longer length": ({ list }) => void (list.length = 9),
  push: ({ list }) => void list.push(1, 2),
  pop: ({ list }) => void list.pop(),
  shift: ({ list }) => void list.shift(),
  unshift: ({ list }) => void list.unshift(9),
  splice: ({ list }) => void list.splice(1, 2, "x", "y", "z"),
  // In place, which is what is asked here.
  sort: ({ list }) => void Array.prototype.sort.call(list),
  reverse: ({ list }) => void Array.prototype.reverse.call(list),
  fill: ({ list }) => void list.fill(0, 1, 3),
  copyWithin: ({ list }) => void list.copyWithin(0, 2),
  "an array's property": ({ list }) => void Object.assign(list, { name: 1 }),
  "a Map's entry set": ({ map }) => void map.set("a", 2),
  "a Map's entry added": ({ map }) => void map.set("d", 2),
  "a Map's entry deleted": ({ map }) => void map.delete("a"),
  "a Map's entry deleted and set": ({ map }) => void (map.delete("a"), map.set("a", 1)),
  "a Map cleared": ({ map }) => map.clear(),
  "a Map's undefined deleted": ({ map }) => void map.delete("c"),
  "a Set's member added": ({ set }) => void set.add("d"),
  "a Set's member deleted": ({ set }) => void set.delete("a"),
  "a Set's member deleted and added": ({ set }) => void (set.delete("a"), set.add("a")),
  "a Set cleared": ({ set }) => set.clear(),
  "a Date": ({ date }) => void date.setFullYear(2030),
  "a Date made invalid": ({ date }) => void date.setTime(Number.NaN),
  "a Map replaced": (state) => void (state.map = new Map([["a", 1]])),
};

/** Everything there is to see, the order of keys, holes and descriptors included. */
const seen = ({ record, list, map, set, date }: State): unknown => [
  Object.getOwnPropertyDescriptors(record),
  Object.keys(record),
  Object.keys(list),
  list.length,
  [...list],
  [...map],
  [...set],
  date.getTime(),
];

const names = Object.keys(changes);

describe("[R14] a transaction that throws takes back", () => {
  it.each(names)("%s", (name) => {
    const raw = newState();
    const before = structuredClone(seen(raw));
    const state = reactive(raw);
    const copy = snapshot(state);
    const followed = follow(() => JSON.stringify(seen(state)));
    const tracker = trackDirty(state);
    const told: unknown[] = [];
    watch(state, (patches) => told.push(patches));
    const change = changes[name] ?? (() => {});

    expect(() =>
      transaction(() => {
        change(state);
        snapshot(state);
        throw new Error("no");
      }),
    ).toThrow("no");

    expect(structuredClone(seen(raw))).toEqual(before);
    expect(followed).toHaveLength(1);
    expect(tracker.isDirty).toBe(false);
    expect(told).toEqual([]);
    expect(snapshot(state)).toBe(copy);
  });

  it.each(names)("%s, and what was changed before, outside, stays", (name) => {
    const raw = newState();
    const state = reactive(raw);
    const tracker = trackDirty(state);
    snapshot(state);
    changes["push"]?.(state);
    changes["a Set's member added"]?.(state);
    const before = structuredClone(seen(raw));
    const told: unknown[] = [];
    watch(state, (patches) => told.push(patches));

    expect(() =>
      transaction(() => {
        changes[name]?.(state);
        snapshot(state);
        throw new Error("no");
      }),
    ).toThrow("no");

    expect(structuredClone(seen(raw))).toEqual(before);
    expect(told).toEqual([]);
    expect([...tracker.take().keys()]).toEqual(["list", "set"]);
    expect(snapshot(state)).toEqual(raw);
  });
});

describe("[R14] a transaction that throws takes back, beside what is fixed or run,", () => {
  const mark = Symbol("mark");
  const makers: [string, () => Record<PropertyKey, unknown> | unknown[]][] = [
    [
      "an array with an index fixed for good",
      () => Object.defineProperty([1, 2, 3], 1, { configurable: false }),
    ],
    ["an array with a read-only index", () => Object.defineProperty([1, 2, 3], 1, { writable: false })],
    ["an array with an accessor", () => Object.defineProperty([1, 2, 3], 1, { get: () => 5 })],
    ["an array with a symbol", () => Object.assign([1, 2, 3], { [mark]: 1 })],
    [
      "an object with a property fixed for good",
      () => Object.defineProperty({ first: 1, fixed: 2, last: 3 }, "fixed", { configurable: false }),
    ],
  ];
  const writes: [string, (target: Record<PropertyKey, unknown>) => void][] = [
    ["a property set", (target) => void (target[0] = 9)],
    ["a property added", (target) => void (target[7] = 9)],
    ["a symbol set", (target) => void (target[mark] = 9)],
    ["a symbol deleted", (target) => void delete target[mark]],
    ["one defined", (target) => void Object.defineProperty(target, 0, { value: 9, configurable: true })],
  ];

  describe.each(makers)("%s", (_name, make) => {
    it.each(writes)("%s", (_what, write) => {
      // Defined through the proxy, so that the engine knows; the rest of what is there is copied.
      const state = reactive(Array.isArray(make()) ? ([] as unknown[]) : {}) as Record<PropertyKey, unknown>;
      const made = make();
      for (const key of Reflect.ownKeys(made))
        if (key !== "length") {
          Object.defineProperty(state, key, Object.getOwnPropertyDescriptor(made, key) as PropertyDescriptor);
        }
      const all = () => [Reflect.ownKeys(state), Object.getOwnPropertyDescriptors(toRaw(state))];
      const before = all();

      expect(() =>
        transaction(() => {
          write(state);
          throw new Error("no");
        }),
      ).toThrow("no");

      expect(all()).toEqual(before);
    });
  });
});

it("[R14] an inner transaction may have more to take back than a call takes arguments", () => {
  const root = reactive({ items: Array.from({ length: 150_000 }, () => ({ n: 0 })) });
  snapshot(root);

  expect(() =>
    transaction(() => {
      transaction(() => {
        for (const item of root.items) item.n++;
        snapshot(root);
      });
      throw new Error("no");
    }),
  ).toThrow("no");

  expect(toRaw(root).items.every(({ n }) => n === 0)).toBe(true);
});

it("[R14] [R4] what was moved and changed and taken back leaves no mark at which a later change would stop", () => {
  const state = reactive({ box: { thing: { n: 1 } as { n: number } | null }, other: null as unknown });
  const thing = state.box.thing as { n: number };
  watch(state, () => {});
  trackDirty(thing);

  expect(() =>
    transaction(() => {
      state.box.thing = null;
      thing.n = 2;
      state.other = thing;
      throw new Error("no");
    }),
  ).toThrow("no");
  const tracker = trackDirty(state);
  thing.n = 3;

  expect([...tracker.take().keys()]).toEqual(["box"]);
});

it("[R14] [R15] an accessor that was replaced, read and taken back runs with the proxy again", () => {
  const state = reactive({
    net: 1,
    get gross(): number {
      return this.net * 2;
    },
  });

  expect(() =>
    transaction(() => {
      Object.defineProperty(state, "gross", {
        value: 5,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      state.net = 2;
      throw new Error("no");
    }),
  ).toThrow("no");
  const seen = follow(() => state.gross);
  state.net = 3;

  expect(seen).toEqual([2, 6]);
});

it("[R14] [R4] what was put elsewhere and taken back leaves no key dirty there", () => {
  interface Thing {
    n: number;
    inner?: Thing;
  }
  const inner: Thing = { n: 0 };
  const thing = reactive<Thing>({ n: 0, inner });
  const state = reactive<Record<string, { thing: Thing | null }>>({
    a: { thing: null },
    b: { thing },
    c: { thing: null },
  });
  const tracker = trackDirty(state);
  reactive(inner).n++;
  (state["b"] as { thing: Thing }).thing = inner;
  (state["a"] as { thing: Thing }).thing = inner;

  expect(() =>
    transaction(() => {
      thing.n++;
      reactive(inner).n++;
      (state["a"] as { thing: Thing }).thing = thing;
      (state["c"] as { thing: Thing }).thing = thing;
      throw new Error("no");
    }),
  ).toThrow("no");

  expect([...tracker.keys()].toSorted()).toEqual(["a", "b"]);
});
