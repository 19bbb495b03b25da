import { isReactive, reactive, toRaw, trackDirty } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

/** Whether a proxy stands anywhere in the plain tree. */
function holdsProxy(tree: object, seen = new Set<unknown>()): boolean {
  if (isReactive(tree)) return true;
  if (seen.has(tree)) return false;
  seen.add(tree);
  const inside: unknown[] =
    tree instanceof Map ? [...tree].flat() : tree instanceof Set ? [...tree] : Object.values(tree);
  return inside.some((value) => typeof value === "object" && value !== null && holdsProxy(value, seen));
}

describe("a tree that is made reactive around proxies", () => {
  class Holder {
    constructor(readonly inner: object) {}
  }
  const trees: [string, (proxy: object) => object, (state: never) => unknown][] = [
    ["an object", (inner) => ({ a: 1, inner, again: inner }), (state: { inner: object }) => state.inner],
    ["an array", (inner) => [inner, inner], (state: object[]) => state[0]],
    ["an iterated array", (inner) => [inner], (state: object[]) => [...state][0]],
    ["an instance", (inner) => new Holder(inner), (state: Holder) => state.inner],
    ["a Map", (inner) => new Map([["k", inner]]), (state: Map<string, object>) => state.get("k")],
    ["a Map's keys", (inner) => new Map([[inner, 1]]), (state: Map<object, number>) => [...state.keys()][0]],
    ["a Set", (inner) => new Set([inner]), (state: Set<object>) => [...state][0]],
  ];

  it.each(trees)("[R3] loses them where it is read: %s", (_name, make, read) => {
    const inner = reactive({ n: 1 });
    const state = reactive(make(inner));

    expect(read(state as never)).toBe(inner);
    expect(holdsProxy(toRaw(state))).toBe(false);
    expect(read(state as never)).toBe(inner);
  });

  it.each(trees)("[R3] loses them when it is tracked: %s", (_name, make) => {
    const state = reactive({ deep: { tree: make(reactive({ n: 1 })) } });

    trackDirty(state);

    expect(holdsProxy(toRaw(state))).toBe(false);
  });

  it("[R20] finds nothing in the place of an object that was never handed out", () => {
    expect(reactive<unknown[]>([undefined]).includes({})).toBe(false);
    expect(reactive<unknown[]>([undefined]).indexOf({})).toBe(-1);
  });

  it("[R20] finds an object and its proxy in it", () => {
    const raw = { n: 1 };
    const inner = reactive(raw);

    for (const sought of [raw, inner]) {
      expect(reactive([0, inner]).includes(sought)).toBe(true);
      expect(reactive([0, inner]).indexOf(sought)).toBe(1);
      expect(reactive([inner, 0]).lastIndexOf(sought)).toBe(0);
      expect(reactive([inner, 0]).indexOf(sought, 1)).toBe(-1);
      expect(reactive<unknown[]>([undefined]).includes(sought)).toBe(false);
      expect(reactive(new Map([[inner, 5]])).get(sought as never)).toBe(5);
      expect(reactive(new Set([inner])).has(sought as never)).toBe(true);
      expect(reactive(new Set([inner])).delete(sought as never)).toBe(true);
    }
  });
});

describe("a proxy of what is no plain object", () => {
  class Card {
    n = 1;
  }
  const makers: [string, () => object][] = [
    ["an instance", () => new Card()],
    ["an object with an accessor", () => ({ get n() { return 1; } })], // prettier-ignore
    ["an object with a hidden property", () => Object.defineProperty({}, "n", { value: 1 })],
    ["what inherits from an object", () => Object.create({ n: 1 }) as object],
  ];

  it.each(makers)("[R20] is known for one by who runs in an effect: %s", (_name, make) => {
    const raw = make();
    const proxy = reactive(raw);
    const list = reactive([raw]);
    const table = reactive(new Map([[raw, 5]]));
    const state = reactive<{ held?: object }>({});

    const seen = follow(() => {
      state.held = { proxy };
      return [isReactive(proxy), toRaw(proxy) === raw, list.indexOf(proxy), table.get(proxy)];
    });

    expect(seen).toEqual([[true, true, 0, 5]]);
    expect((toRaw(state).held as { proxy: object }).proxy).toBe(raw);
  });

  it.each(makers)("[R1] is known for one however often it was asked: %s", (_name, make) => {
    const proxy = reactive(make());

    for (let times = 0; times < 20; times++) expect(isReactive(proxy)).toBe(true);
  });
});
