import {
  batch,
  computed,
  isReactive,
  markRaw,
  reactive,
  readonly,
  shallowReactive,
  toRaw,
  touch,
  trackDirty,
  untracked,
  watch,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

describe("reactive objects", () => {
  it("[R1] an object that refers to itself has one proxy all the way round", () => {
    const raw: { self?: unknown } = {};
    raw.self = raw;
    const state = reactive(raw);

    expect(state.self).toBe(state);
    expect(isReactive(state)).toBe(true);
    expect(isReactive(raw)).toBe(false);
  });

  it("[R2] an effect follows the branch it took, and lets go of the other", () => {
    const state = reactive({ useA: true, a: 1, b: 10 });
    const seen = follow(() => (state.useA ? state.a : state.b));

    state.b = 11;
    state.useA = false;
    state.a = 2;
    state.b = 12;

    expect(seen).toEqual([1, 11, 12]);
  });

  it("[R2] reads in untracked() are not followed; writes in batch() are told once", () => {
    const state = reactive({ a: 1, b: 1 });
    const seen = follow(() => [state.a, untracked(() => state.b)].join());

    state.b = 2;
    batch(() => {
      state.a = 2;
      state.a = 3;
    });

    expect(seen).toEqual(["1,1", "3,2"]);
  });

  it("[R11] a value put back within a batch is no change", () => {
    const state = reactive({ a: 1, list: [1] });
    const seen = follow(() => state.a + state.list.length);

    batch(() => {
      state.a = 2;
      state.list.push(2);
      state.a = 1;
      state.list.pop();
    });

    expect(seen.length).toBeLessThanOrEqual(2);
    expect(seen.at(-1)).toBe(2);
  });

  it("[R11] NaN to NaN is no change, 0 to -0 is one", () => {
    const state = reactive({ n: Number.NaN, zero: 0 });
    const seen = follow(() => [state.n, 1 / state.zero]);

    state.n = Number.NaN;
    expect(seen).toHaveLength(1);
    state.zero = -0;
    expect(seen.at(-1)).toEqual([Number.NaN, -Infinity]);
  });

  it("[R2] a property that comes, goes, or is looked for with `in` and Object.hasOwn is followed", () => {
    const state = reactive<Record<string, number | undefined>>({});
    const value = follow(() => state["a"]);
    const presence = follow(() => "a" in state);
    const own = follow(() => Object.hasOwn(state, "a"));
    const keys = follow(() => Object.keys(state).join());

    state["a"] = undefined;
    state["a"] = 1;
    delete state["a"];

    expect(value).toEqual([undefined, 1, undefined]);
    expect(presence).toEqual([false, true, false]);
    expect(own).toEqual([false, true, false]);
    expect(keys).toEqual(["", "a", ""]);
  });

  it("[R2] spread, Object.entries, for..in and JSON.stringify follow what they read", () => {
    const state = reactive<Record<string, unknown>>({ a: { b: 1 } });
    const spread = follow(() => ({ ...state }));
    const json = follow(() => JSON.stringify(state));
    const names = follow(() => {
      const found: string[] = [];
      for (const name in state) found.push(name);
      return found.join();
    });

    (state["a"] as { b: number }).b = 2;
    state["c"] = 3;

    expect(spread).toHaveLength(2);
    expect(json).toEqual(['{"a":{"b":1}}', '{"a":{"b":2}}', '{"a":{"b":2},"c":3}']);
    expect(names).toEqual(["a", "a,c"]);
    expect(JSON.stringify(state)).toBe('{"a":{"b":2},"c":3}');
  });

  it("[R2] symbol keys are followed, the symbols of the language are not", () => {
    const key = Symbol("key");
    const state = reactive({ [key]: 1, [Symbol.isConcatSpreadable]: false });
    const seen = follow(() => state[key]);
    const spreadable = follow(() => state[Symbol.isConcatSpreadable]);

    state[key] = 2;
    state[Symbol.isConcatSpreadable] = true;

    expect(seen).toEqual([1, 2]);
    expect(spreadable).toEqual([false]);
  });

  it("[R2] objects without prototype, and objects that inherit from a proxy", () => {
    const bare = reactive(Object.assign(Object.create(null) as { a: number }, { a: 1 }));
    const parent = reactive({ inherited: 1 });
    const child = Object.create(parent) as { inherited: number };
    const seenBare = follow(() => bare.a);
    const seenChild = follow(() => child.inherited);

    bare.a = 2;
    parent.inherited = 2;
    child.inherited = 3;

    expect(seenBare).toEqual([1, 2]);
    expect(seenChild).toEqual([1, 2]);
    expect(parent.inherited).toBe(2);
    expect(Object.hasOwn(child, "inherited")).toBe(true);
  });

  it("[R15] accessors run with the proxy as this, so that what they read and write is followed", () => {
    const state = reactive({
      first: "a",
      last: "b",
      get name() {
        return `${this.first} ${this.last}`;
      },
      set name(value: string) {
        [this.first = "", this.last = ""] = value.split(" ");
      },
    });
    const seen = follow(() => state.name);

    state.last = "c";
    batch(() => {
      state.name = "x y";
    });

    expect(seen).toEqual(["a b", "a c", "x y"]);
    expect(toRaw(state).first).toBe("x");
  });

  it("[R11] a property that becomes an accessor, or is inherited from now on, is told to its own readers, once", () => {
    const base = {
      get a() {
        return 10;
      },
    };
    const state = reactive<Record<string, number>>(Object.create(base) as Record<string, number>);
    for (const key of ["a", "b"]) Object.defineProperty(state, key, { value: 1, configurable: true });
    const seen = follow(() => state["a"]);
    const other = follow(() => state["b"]);
    const both = follow(() => [state["a"], state["b"]].join());

    Object.defineProperty(state, "a", { get: () => 5, configurable: true });
    Object.defineProperty(state, "a", { get: () => 6, configurable: true });
    delete state["a"];

    expect(seen).toEqual([1, 5, 6, 10]);
    expect(other).toEqual([1]);
    expect(both).toEqual(["1,1", "5,1", "6,1", "10,1"]);
  });

  it("[R2] [R11] another prototype is told to who reads what it changes, and its accessors run", () => {
    const state = reactive<Record<string, unknown>>({ own: 1 });
    const own = follow(() => state["own"]);
    const inherited = follow(() => state["inherited"]);
    const present = follow(() => "inherited" in state);

    state["own"] = 2;
    Object.setPrototypeOf(state, {
      inherited: 1,
      set given(value: number) {
        (this as unknown as Record<string, unknown>)["own"] = value;
      },
    });
    state["given"] = 3;
    Object.setPrototypeOf(state, { inherited: 2 });

    expect(own).toEqual([1, 2, 3]);
    expect(inherited).toEqual([undefined, 1, 2]);
    expect(present).toEqual([false, true]);
    expect(Object.keys(toRaw(state))).toEqual(["own"]);
  });

  it("[R16] a property fixed for good that would hold an object is refused, and nothing changed", () => {
    const state = reactive<Record<string, unknown>>({});

    expect(() => Object.defineProperty(state, "a", { value: {} })).toThrow(/fixed for good/);
    expect(Object.keys(Object.getOwnPropertyDescriptors(toRaw(state)))).toEqual([]);
  });

  it.each([1, "a", 10n, Number.NaN, -0, null, undefined])(
    "[R4] [R12] to assign %s where it is tells nobody",
    (value) => {
      const state = reactive({ object: { value }, list: [value], map: new Map([["value", value]]) });
      const tracker = trackDirty(state);
      let told = 0;
      const stop = watch(state, () => told++);

      state.object.value = value;
      state.list[0] = value;
      state.map.set("value", value);
      stop();

      expect([told, tracker.isDirty]).toEqual([0, false]);
    },
  );

  it("[R3] [R5] what stands at a symbol is unwrapped, and followed like all else", () => {
    const key = Symbol("key");
    const inner = { n: 1 };
    const state = reactive<{ box: Record<PropertyKey, unknown> }>({ box: {} });
    const tracker = trackDirty(state);

    state.box = { more: { [key]: reactive(inner) } };
    const raw = (toRaw(state).box["more"] as Record<PropertyKey, unknown>)[key];
    tracker.take();
    reactive(inner).n = 2;

    expect(raw).toBe(inner);
    expect([...tracker.keys()]).toEqual(["box"]);
  });

  it("[R15] a data property that becomes an accessor, and back, is told to its readers", () => {
    const state = reactive<{ a: number; b: number }>({ a: 1, b: 5 });
    const seen = follow(() => state.a);

    Object.defineProperty(state, "a", { get: () => state.b, configurable: true, enumerable: true });
    state.b = 6;
    Object.defineProperty(state, "a", { value: 9, configurable: true, enumerable: true, writable: true });
    state.a = 10;

    expect(seen).toEqual([1, 5, 6, 9, 10]);
  });

  it("[R15] class instances keep methods, getters and instanceof", () => {
    class Counter {
      count = 0;
      get double() {
        return this.count * 2;
      }
      add(by: number) {
        this.count += by;
        return this;
      }
    }
    const state = reactive({ counter: new Counter() });
    const seen = follow(() => state.counter.double);

    expect(state.counter.add(2)).toBe(state.counter);
    expect(state.counter).toBeInstanceOf(Counter);
    expect(seen).toEqual([0, 4]);
  });

  it("[R15] a class with #private names is refused with a clear error, and works when it is marked raw", () => {
    class Secret {
      #value = 1;
      next() {
        return ++this.#value;
      }
    }
    class Harmless {
      color = "#fff"; // not a #private name
    }

    expect(() => reactive({ secret: new Secret() }).secret).toThrow(/Secret .*#private.*markRaw/);
    expect(reactive({ secret: markRaw(new Secret()) }).secret.next()).toBe(2);
    expect(reactive(new Harmless()).color).toBe("#fff");
  });

  it("[R16] frozen and sealed objects are read deeply, stay frozen, and what they hold is followed", () => {
    const inner = { n: 1 };
    const state = reactive({
      frozen: Object.freeze({ inner, list: Object.freeze([inner]) }),
      sealed: Object.seal({ a: 1 }),
    });
    const seen = follow(() => state.frozen.inner.n + state.sealed.a);

    state.frozen.inner.n = 2;
    state.sealed.a = 5;

    expect(seen).toEqual([2, 3, 7]);
    expect(state.frozen.list[0]).toBe(state.frozen.inner);
    expect(state.frozen.list.includes(inner)).toBe(true);
    expect(Object.isFrozen(state.frozen)).toBe(true);
    expect(Object.isSealed(state.sealed)).toBe(true);
    expect(Object.keys(state.frozen)).toEqual(["inner", "list"]);
    expect(() => Object.assign(state.frozen, { inner: 1 })).toThrow(TypeError);
    expect(() => (state.frozen.list as unknown as unknown[]).push(1)).toThrow(TypeError);
    expect(() => Object.assign(state.sealed, { b: 1 })).toThrow(TypeError);
    expect(JSON.stringify(state)).toBe('{"frozen":{"inner":{"n":2},"list":[{"n":2}]},"sealed":{"a":5}}');
  });

  it("[R16] frozen objects in a cycle open", () => {
    const first: Record<string, unknown> = {};
    const second = Object.freeze({ first });
    first["second"] = second;
    const state = reactive(Object.freeze(first)) as { second: { first: unknown } };

    expect(state.second.first).toBe(state);
  });

  it("[R16] freezing through the proxy works for primitives, and is refused where an object would get lost", () => {
    const state = reactive({ flat: { a: 1 }, deep: { a: {} } });

    Object.freeze(state.flat);
    expect(Object.isFrozen(state.flat)).toBe(true);
    expect(Reflect.set(state.flat, "a", 2)).toBe(false);
    expect(() => Object.freeze(state.deep)).toThrow(/freeze the plain object/);
    expect(state.deep.a).toBe(state.deep.a);
  });

  it("[R16] a property that can never change is handed out as it is", () => {
    const raw = Object.defineProperty({} as { fixed: object }, "fixed", { value: {} });

    expect(reactive(raw).fixed).toBe(toRaw(reactive(raw)).fixed);
  });

  it("[R3] a proxy in what is wrapped, frozen objects apart, is unwrapped as soon as it is read or tracked", () => {
    const inner = reactive({ n: 1 });
    const outer = reactive({ inner });

    expect(outer.inner).toBe(inner);
    const list = reactive<unknown[]>([]);
    expect(() => list.push(Object.freeze({ inner }))).toThrow(/read-only property "inner"/);
  });

  it("[R17] markRaw excludes an object, and touch tells of its inside", () => {
    const state = reactive({ bytes: new Uint8Array(2), raw: markRaw({ n: 1 }) });
    const seen = follow(() => state.bytes[0]);

    expect(isReactive(state.raw)).toBe(false);
    expect(isReactive(state.bytes)).toBe(false);
    state.bytes[0] = 7;
    touch(state, "bytes");

    expect(seen).toEqual([0, 7]);
    expect(() => markRaw(toRaw(reactive({})))).toThrow(/before it becomes state/);
  });

  it("[R17] touch tells who walked a Map or an array of what is in it", () => {
    const state = reactive({
      map: new Map([["a", new Uint8Array(1)]]),
      list: [new Uint8Array(1)],
    });
    const inMap = follow(() => [...state.map.values()].map(([n]) => n).join());
    const inList = follow(() => state.list.map(([n]) => n).join());

    for (const [owner, key] of [
      [state.map, "a"],
      [state.list, 0],
    ] as const) {
      (state.list[0] as Uint8Array)[0] = 7;
      (state.map.get("a") as Uint8Array)[0] = 7;
      touch(owner, key);
    }

    expect(inMap).toEqual(["0", "7"]);
    expect(inList).toEqual(["0", "7"]);
  });

  it("[R17] RegExp, Error, URL, ArrayBuffer, promises and functions are handed out as they are", () => {
    const values = [
      /a/,
      new Error("e"),
      new URL("http://a.b/"),
      new ArrayBuffer(1),
      Promise.resolve(),
      () => 1,
      new WeakMap(),
    ];
    const state = reactive({ values });

    for (const [index, value] of values.entries()) expect(state.values[index]).toBe(value);
  });

  it("[R18] readonly follows, and refuses every write at any depth", () => {
    const state = reactive({
      a: { n: 1 },
      list: [{ n: 1 }],
      map: new Map([["k", { n: 1 }]]),
      when: new Date(0),
    });
    const view = readonly(state);
    const seen = follow(() => view.a.n + view.list.length + view.map.size);
    const writable = view as unknown as typeof state;

    state.a.n = 2;
    state.list.push({ n: 2 });

    expect(seen).toEqual([3, 4, 5]);
    expect(readonly(state)).toBe(view);
    expect(view.list.map((item) => item.n)).toEqual([1, 2]);
    expect([...view.map.values()].map((item) => item.n)).toEqual([1]);
    expect(view.list.includes(toRaw(state).list[0] as { n: number })).toBe(true);
    expect(toRaw(view)).toBe(toRaw(state));
    for (const write of [
      () => (writable.a.n = 3),
      () => writable.list.push({ n: 3 }),
      () => writable.list.forEach((item) => (item.n = 3)),
      () => Reflect.deleteProperty(writable, "a"),
      () => writable.map.set("k", { n: 3 }),
      () => writable.map.forEach((item) => (item.n = 3)),
      () => writable.when.setTime(3),
    ]) {
      expect(write).toThrow(/readonly/);
    }
    expect(view.when.getTime()).toBe(0);
  });

  it("[R16] [R18] a frozen array can be read in every way through a readonly proxy", () => {
    const view = readonly(reactive({ list: Object.freeze(["a", "b"]) })).list;

    expect(Object.keys(view)).toEqual(["0", "1"]);
    expect({ ...view }).toEqual({ 0: "a", 1: "b" });
    expect(Object.getOwnPropertyDescriptor(view, "length")?.value).toBe(2);
    expect(structuredClone(toRaw(view))).toEqual(["a", "b"]);
  });

  it("[R18] methods and getters of a Map's own class write nothing through a readonly proxy, and hand out nothing that can", () => {
    class Ranks extends Map<string, { n: number }> {
      get best() {
        return this.get("a");
      }
      put(key: string) {
        this.set(key, { n: 0 });
      }
      pick(key: string) {
        return this.get(key);
      }
    }
    const state = reactive({ ranks: new Ranks([["a", { n: 1 }]]) });
    const view = readonly(state).ranks as Ranks;

    expect(() => view.put("b")).toThrow(/readonly/);
    expect(() => ((view.best as { n: number }).n = 2)).toThrow(/readonly/);
    expect(() => ((view.pick("a") as { n: number }).n = 2)).toThrow(/readonly/);
    expect(view.size).toBe(1);
    expect([...view.values()].map(({ n }) => n)).toEqual([1]);
    expect(view.get("b")).toBeUndefined();
    expect(view.constructor).toBe(Ranks);
  });

  it("[R18] shallowReactive follows its own properties and hands out plain values", () => {
    const state = shallowReactive({ a: { n: 1 }, b: 1 });
    const seen = follow(() => state.a.n);

    state.a.n = 2;
    expect(seen).toEqual([1]);
    expect(isReactive(state.a)).toBe(false);
    state.a = { n: 3 };
    expect(seen).toEqual([1, 3]);
    expect(() => shallowReactive([])).toThrow(/takes an extensible object.*, and was given array; wrap/);
  });

  it("[R11] a lone computed is never stale", () => {
    const state = reactive({ a: 1, nested: { b: 1 } });
    const sum = computed(() => state.a + state.nested.b);

    expect(sum.value).toBe(2);
    state.nested.b = 5;
    expect(sum.value).toBe(6);
    state.nested = { b: 7 };
    state.a = 2;
    expect(sum.value).toBe(9);
  });

  it("[R19] what is no object is refused by name", () => {
    expect(() => reactive(1 as unknown as object)).toThrow(
      /reactive\(\) takes an object, and was given number/,
    );
    expect(() => readonly(null as unknown as object)).toThrow(/was given null/);
    expect(() => markRaw("text" as unknown as object)).toThrow(
      /markRaw\(\) takes an object, and was given string/,
    );
  });
});
