import {
  applyPatches,
  isReactive,
  type Patch,
  reactive,
  readonly,
  shallowReactive,
  toRaw,
  trackDirty,
  watch,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

const protoOf = (value: object): unknown => (value as { __proto__?: unknown })["__proto__"];

describe("__proto__", () => {
  class Point {
    x = 1;
  }
  const holders: [string, () => object][] = [
    ["an object", () => ({ a: 1 })],
    ["an array", () => [1]],
    ["a frozen object", () => Object.freeze({ a: 1 })],
    ["a frozen array", () => Object.freeze([1])],
    ["an instance", () => new Point()],
    ["an object with an accessor", () => ({ get a() { return 1; } })], // prettier-ignore
    ["a Map", () => new Map()],
  ];

  it.each(holders)("[R10] of %s is the plain prototype", (_name, make) => {
    const raw = make();

    for (let times = 0; times < 10; times++) {
      const seen = follow(() => protoOf(reactive(raw)));
      expect(isReactive(protoOf(reactive(raw)))).toBe(false);
      expect(isReactive(seen[0])).toBe(false);
    }
    expect(isReactive(Object.prototype)).toBe(false);
    expect(protoOf(reactive({ o: make() }).o)).not.toBe(undefined);
  });

  it.each([() => ({ a: 1 }), () => [1]])(
    "[R10] assigned it becomes the prototype, and is no change of the data %#",
    (make) => {
      const state = reactive<{ it: object }>({ it: make() });
      const tracker = trackDirty(state);
      const told: Patch[] = [];
      watch(state, (patches) => told.push(...patches));
      const prototype = Object.create(Object.getPrototypeOf(state.it) as object, {
        more: { value: 7 },
      }) as object;

      (state.it as { __proto__: object }).__proto__ = prototype;

      expect(Object.getPrototypeOf(state.it)).toBe(prototype);
      expect((state.it as { more: number }).more).toBe(7);
      expect([...tracker.take()]).toEqual([]);
      expect(told).toEqual([]);
    },
  );

  it("[R10] as an own key, which JSON.parse makes, it is a property like any other", () => {
    const raw = JSON.parse('{"__proto__": {"n": 1}}') as object;
    const state = reactive(raw);
    const seen = follow(() => (protoOf(state) as { n: number }).n);

    (protoOf(state) as { n: number }).n = 2;

    expect(seen).toEqual([1, 2]);
    expect(Object.getPrototypeOf(toRaw(state))).toBe(Object.prototype);
  });

  it.each([
    () => ({ a: 1 }),
    () => [1],
    () => reactive({ a: 1 }),
    () => reactive([1]),
    () => new Point(),
    () => Object.freeze({ a: 1 }),
  ])("[R8] no patch touches a prototype %#", (make) => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const target = make();
    const prototype: unknown = Object.getPrototypeOf(target);

    for (const patch of [
      { op: "set", path: ["__proto__"], value: { polluted: true } },
      { op: "set", path: ["__proto__", "polluted"], value: true },
      { op: "set", path: ["constructor", "prototype", "polluted"], value: true },
      { op: "delete", path: ["__proto__", "toString"] },
      { op: "delete", path: ["__proto__"] },
      { op: "splice", path: ["__proto__"], index: 0, remove: 0, insert: [1] },
    ] as const) {
      try {
        applyPatches(target, [patch]);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
      expect(Object.getPrototypeOf(target)).toBe(prototype);
      expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
    }
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
  });
});

describe("a proxy as prototype", () => {
  it.each([reactive, shallowReactive])("[R10] a write lands on the receiver %#", (wrap) => {
    const parent = wrap({ a: 1, b: { n: 1 } });
    const child = Object.create(parent) as typeof parent;

    child.a = 2;
    child.b = { n: 2 };

    expect([parent.a, parent.b.n]).toEqual([1, 1]);
    expect([child.a, child.b.n]).toEqual([2, 2]);
    expect(Object.keys(child)).toEqual(["a", "b"]);
    expect(toRaw(parent)).toEqual({ a: 1, b: { n: 1 } });
  });

  it.each([reactive, shallowReactive])(
    "[R11] an object that inherits from one misses neither's writes %#",
    (wrap) => {
      const parent = wrap<{ a?: number; b?: number }>({ a: 1 });
      const child = reactive(Object.create(parent) as typeof parent);
      const seen = follow(() => [child.a, "b" in child, Object.keys(child).join()]);
      const last = () => seen.at(-1);

      parent.a = 2;
      expect(last()).toEqual([2, false, ""]);
      child.a = 3;
      expect(last()).toEqual([3, false, "a"]);
      parent.a = 4;
      expect(last()).toEqual([3, false, "a"]);
      parent.b = 1;
      expect(last()).toEqual([3, true, "a"]);
      child.b = 1;
      expect(last()).toEqual([3, true, "a,b"]);
      delete parent.b;
      expect(last()).toEqual([3, true, "a,b"]);
      delete child.b;
      delete child.a;
      expect(last()).toEqual([4, false, ""]);
      expect(parent.a).toBe(4);
    },
  );

  it("[R10] isReactive tells of the object, not of what it inherits from", () => {
    expect(isReactive(Object.create(reactive({})))).toBe(false);
    expect(isReactive(Object.create(shallowReactive({})))).toBe(false);
    expect(isReactive(Object.create(reactive([])))).toBe(false);
    expect(isReactive(Object.create(reactive(new Map())))).toBe(false);
    expect(isReactive(Object.create(readonly(reactive(new Map()))))).toBe(false);
    expect(isReactive(Object.create(readonly(reactive({}))))).toBe(false);
    const child = Object.create(reactive(new Map())) as object;
    expect(reactive<unknown[]>([child]).indexOf(child)).toBe(0);
  });
});
