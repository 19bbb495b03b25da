import {
  applyPatches,
  isReactive,
  reactive,
  toRaw,
  trackDirty,
  transaction,
  watch,
  type Patch,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

describe("what takes no new properties", () => {
  it("[R16] has its properties changed and deleted, and tells of it", () => {
    const raw: { n?: number; m: number } = Object.preventExtensions({ n: 1, m: 1 });
    const state = reactive(raw);
    const seen = follow(() => JSON.stringify(Object.entries(state)));

    expect(delete state.n).toBe(true);
    expect(Reflect.deleteProperty(state, "n")).toBe(true);
    state.m = 2;
    Object.defineProperty(state, "m", { writable: false, configurable: false });

    expect(Object.getOwnPropertyDescriptors(raw)).toEqual({
      m: { value: 2, writable: false, enumerable: true, configurable: false },
    });
    expect(seen).toEqual(['[["n",1],["m",1]]', '[["m",1]]', '[["m",2]]']);
  });

  it("[R14] loses nothing in a transaction, which could not bring it back", () => {
    const raw = Object.preventExtensions([1, 2]);
    const list = reactive(raw);

    const changes = [
      () => void list.pop(),
      () => void (list.length = 0),
      () => void Reflect.deleteProperty(list, 1),
    ];
    for (const change of changes) {
      expect(() => transaction(change)).toThrow("can't be robbed of what it can't get back in a transaction");
    }
    expect(raw).toEqual([1, 2]);
  });

  const changes: [string, (list: unknown[]) => unknown][] = [
    ["pop", (list) => list.pop()],
    ["shift", (list) => list.shift()],
    ["splice", (list) => list.splice(0, 2, "x")],
    ["sort", (list) => Array.prototype.sort.call(list)],
    ["reverse", (list) => Array.prototype.reverse.call(list)],
    ["fill", (list) => list.fill(0)],
    ["length", (list) => (list.length = 1)],
    ["delete", (list) => delete list[1]],
    ["push", (list) => list.push(1)],
    ["an index beyond", (list) => (list[3] = 1)],
  ];

  it.each(changes)(
    "[R16] an array does what a plain one does, with effects that read it: %s",
    (_, change) => {
      for (const restrict of [Object.preventExtensions, Object.seal]) {
        const [plain, raw] = [restrict([3, 1, 2]), restrict([3, 1, 2])];
        const list = reactive(raw);
        const seen = follow(() => JSON.stringify([Object.keys(list), list.length, [...list]]));
        const last = follow(() => list[2]);
        const outcome = (of: unknown[]): unknown => {
          try {
            change(of);
            return "done";
          } catch (error) {
            return (error as Error).name;
          }
        };

        expect(outcome(list)).toBe(outcome(plain));
        expect(raw).toEqual(plain);
        expect(seen.at(-1)).toBe(JSON.stringify([Object.keys(plain), plain.length, [...plain]]));
        expect(last.at(-1)).toBe(plain[2]);
      }
    },
  );

  it.each(changes)("[R5] [R12] an array is told of, and what it dropped marks none: %s", (_, change) => {
    const raw = { list: Object.preventExtensions([{ n: 3 }, { n: 1 }, { n: 2 }] as unknown[]) };
    const before = structuredClone(raw);
    const copy = structuredClone(raw);
    const state = reactive(raw);
    const items = [...state.list] as { n: number }[];
    const tracker = trackDirty(state);
    const told: [readonly Patch[], readonly Patch[]][] = [];
    watch(state, (...patches) => told.push(patches));

    try {
      change(state.list);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }

    for (const [patches] of told) applyPatches(copy, patches);
    expect(copy).toStrictEqual(raw);
    for (const [, inverse] of told.toReversed()) applyPatches(copy, inverse);
    expect(copy).toStrictEqual(before);
    for (const item of items) {
      tracker.take();
      item.n = 9;
      expect(tracker.isDirty).toBe(state.list.includes(item));
    }
  });
});

describe("freezing and sealing through the proxy", () => {
  it.each([
    ["freeze", (value: object) => Object.freeze(value)],
    ["seal", (value: object) => Object.seal(value)],
    ["preventExtensions", (value: object) => Object.preventExtensions(value)],
  ] as const)(
    "[R16] Object.%s of an object that holds objects is refused before anything changed",
    (_name, restrict) => {
      const state = reactive({ n: 1, inner: { m: 1 } });
      const seen = follow(() => state.inner.m);

      expect(() => restrict(state)).toThrow(/"inner" holds an object.*plain object/);

      expect(Object.isExtensible(state)).toBe(true);
      expect(Object.getOwnPropertyDescriptor(state, "n")).toMatchObject({
        writable: true,
        configurable: true,
      });
      state.inner.m = 2;
      expect(seen).toEqual([1, 2]);
    },
  );

  it.each([() => reactive<Record<string, unknown>>({ a: 1, b: /x/ }), () => reactive([1, /x/])])(
    "[R16] what holds primitives and opaque values is frozen, sealed, made non-extensible %#",
    (make) => {
      const frozen = Object.freeze(make());
      const sealed = Object.seal(make());

      expect(Object.isFrozen(frozen)).toBe(true);
      expect(Object.isFrozen(toRaw(frozen))).toBe(true);
      expect(Reflect.set(frozen, Object.keys(frozen)[0] as string, 5)).toBe(false);
      expect(Object.isSealed(sealed)).toBe(true);
      expect(Reflect.set(sealed, Object.keys(sealed)[0] as string, 5)).toBe(true);
    },
  );

  it("[R20] the descriptor of a property that can't be deleted holds the proxy", () => {
    const raw = Object.defineProperty({} as { kept: { n: number } }, "kept", {
      value: { n: 1 },
      writable: true,
      enumerable: true,
    });
    const state = reactive(raw);

    expect(Object.getOwnPropertyDescriptor(state, "kept")?.value).toBe(state.kept);
    expect(isReactive(state.kept)).toBe(true);
    const sealed = reactive(Object.seal({ inner: { n: 1 } }));
    expect(Object.getOwnPropertyDescriptor(sealed, "inner")?.value).toBe(sealed.inner);
  });
});

describe("defineProperty", () => {
  it("[R2] a property that is hidden or shown is told to who lists the keys", () => {
    const state = reactive<Record<string, number>>({ a: 1, b: 2 });
    const keys = follow(() => Object.keys(state).join());
    const json = follow(() => JSON.stringify(state));

    Object.defineProperty(state, "a", { enumerable: false });
    Object.defineProperty(state, "a", { enumerable: true });

    expect(keys).toEqual(["a,b", "b", "a,b"]);
    expect(json.map((text) => JSON.parse(text) as unknown)).toEqual([
      { a: 1, b: 2 },
      { b: 2 },
      { a: 1, b: 2 },
    ]);
  });

  it("[R4] a property that is hidden or shown makes its key dirty", () => {
    const state = reactive({ top: { a: 1, inner: { n: 1 } } });
    const tracker = trackDirty(state);

    for (const name of ["a", "inner"]) {
      for (const enumerable of [false, true]) {
        Object.defineProperty(state.top, name, { enumerable });
        expect(tracker.take().has("top")).toBe(true);
      }
    }
    state.top.inner.n = 2;
    expect([...tracker.take()]).toEqual([
      ["top", { patches: [{ op: "set", path: ["inner", "n"], value: 2 }] }],
    ]);
  });

  it("[R12] nor is a watcher told of a change inside what only a hidden property holds", () => {
    const state = reactive({ seen: { n: 1 }, also: undefined as { n: number } | undefined });
    const told: Patch[] = [];
    Object.defineProperty(state, "hidden", { value: { inner: { n: 1 } }, configurable: true });
    watch(state, (patches) => told.push(...patches));
    const { inner } = (state as unknown as { hidden: { inner: { n: number } } }).hidden;

    inner.n = 2;
    state.also = inner;
    inner.n = 3;

    expect(told).toEqual([
      { op: "set", path: ["also"], value: { n: 2 } },
      { op: "set", path: ["also", "n"], value: 3 },
    ]);
  });

  it("[R12] to a watcher a hidden property is gone, as it is to JSON", () => {
    const state = reactive({ a: 1 });
    const told: (readonly Patch[])[] = [];
    watch(state, (patches, inverse) => told.push(patches, inverse));

    Object.defineProperty(state, "a", { enumerable: false });
    state.a = 2;
    Object.defineProperty(state, "a", { enumerable: true });

    const gone = [{ op: "delete", path: ["a"] }];
    expect(told).toEqual([
      gone,
      [{ op: "set", path: ["a"], value: 1 }],
      [{ op: "set", path: ["a"], value: 2 }],
      gone,
    ]);
  });
});

describe("a property in front of an inherited one", () => {
  class Card {
    get size(): number {
      return 1;
    }
  }
  const own = { value: 2, writable: true, enumerable: true, configurable: true };

  it.each([true, false])(
    "[R11] comes and goes for Object.hasOwn, whether or not `in` was asked before: %s",
    (asksFirst) => {
      const state = reactive({ card: new Card() as object });
      const { card } = state;
      const seen = follow(() => {
        if (asksFirst) void ("size" in card);
        return Object.hasOwn(card, "size");
      });

      Object.defineProperty(card, "size", own);
      Reflect.deleteProperty(card, "size");

      expect(seen).toEqual([false, true, false]);
    },
  );

  it("[R11] changes nothing for `in`", () => {
    const { card } = reactive({ card: new Card() as object });
    const seen = follow(() => "size" in card);

    Object.defineProperty(card, "size", own);
    Reflect.deleteProperty(card, "size");

    expect(seen).toEqual([true]);
  });
});

describe("in a transaction", () => {
  it("[R14] a property that stays as it is may be given a value, and no less", () => {
    const raw = Object.defineProperty({ n: 1 }, "n", { configurable: false });
    const state = reactive(raw);

    transaction(() => Object.defineProperty(state, "n", { value: 2 }));
    const refused = () => transaction(() => Object.defineProperty(state, "n", { writable: false }));

    expect(refused).toThrow(/in a transaction, as that can't be taken back/);
    expect(Object.getOwnPropertyDescriptor(raw, "n")).toMatchObject({ value: 2, writable: true });
  });

  it("[R14] what can't be taken back is refused, and nothing is left of it", () => {
    const state = reactive<Record<string, unknown>>({ a: 1, list: [1] });

    for (const change of [
      () => Object.defineProperty(state, "b", { value: 1 }),
      () => Object.defineProperty(state, "a", { configurable: false }),
      () => Object.defineProperty(state["list"], "length", { writable: false }),
      () => Object.preventExtensions(state["list"]),
      () => Object.setPrototypeOf(state, null),
    ]) {
      expect(() =>
        transaction(() => {
          state["a"] = 2;
          change();
        }),
      ).toThrow(/in a transaction, as that can't be taken back/);
      expect(toRaw(state)).toEqual({ a: 1, list: [1] });
      expect(Object.getOwnPropertyDescriptor(state, "a")?.configurable).toBe(true);
      (state["list"] as number[]).length = 1;
    }
  });
});
