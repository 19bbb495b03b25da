// Where the signals of an object's keys stand: in a list, in a Map beyond that, and by index for arrays.
import { batch, effect, reactive, toRaw, trackDirty, transaction } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

describe("the signals of keys", () => {
  it("[R11] each of many keys is followed by itself, and forgotten keys are asked for anew", () => {
    const state = reactive(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, i])));
    const seen = Array.from({ length: 30 }, (_, i) => follow(() => state[`k${i}`]));

    state["k3"] = -3;
    state["k29"] = -29;
    delete state["k20"];
    Object.defineProperty(state, "k5", { get: () => 55, configurable: true, enumerable: true });

    const changed = { 3: [3, -3], 29: [29, -29], 20: [20, undefined], 5: [5, 55] } as Record<
      number,
      unknown[]
    >;
    for (const [i, values] of seen.entries()) expect(new Set(values)).toEqual(new Set(changed[i] ?? [i]));
  });

  it("[R11] a Map follows NaN and more than a list of keys", () => {
    const map = reactive(new Map<unknown, number>([[Number.NaN, 0]]));
    const seen = [Number.NaN, ...Array(15).keys()].map((key) => follow(() => map.get(key)));

    for (let i = 0; i < 15; i++) map.set(i, i);
    map.set(Number.NaN, 1);
    map.clear();

    expect(seen[0]).toEqual([0, 1, undefined]);
    for (const [i, values] of seen.slice(1).entries()) expect(values).toEqual([undefined, i, undefined]);
  });

  it("[R11] names of an array that look like indexes are names", () => {
    const list = reactive<Record<string, unknown>>([1, 2] as unknown as Record<string, unknown>);
    const names = ["01", "1e0", "-1", "1.5", " 1", "4294967295", "length"];
    const seen = names.map((name) => follow(() => list[name]));
    const index = follow(() => list["1"]);

    for (const name of names.slice(0, -1)) list[name] = name;
    list["1"] = "one";

    for (const [i, name] of names.slice(0, -1).entries()) expect(seen[i]).toEqual([undefined, name]);
    expect(seen.at(-1)).toEqual([2]);
    expect(index).toEqual([2, "one"]);
  });

  it("[R11] an index far beyond the end, and one read before the array was followed in any other way", () => {
    const list = reactive<number[]>([]);
    const far = follow(() => list[300_000]);
    const near = follow(() => list[0]);

    list.push(7);
    list[300_000] = 1;
    list.length = 0;

    expect(far).toEqual([undefined, 1, undefined]);
    expect(near).toEqual([undefined, 7, undefined]);
  });

  it("[R11] a primitive over another, followed, unfollowed, in a transaction, and tracked", () => {
    const raw = { list: [1, 2, 3] };
    const state = reactive(raw);
    state.list[0] = 10;
    const seen = follow(() => state.list[0]);
    const tracker = trackDirty(state);

    expect(() =>
      transaction(() => {
        state.list[0] = 11;
        state.list[1] = 12;
        throw new Error("no");
      }),
    ).toThrow("no");
    state.list[2] = 13;

    expect(seen).toEqual([10]);
    expect(raw.list).toEqual([10, 2, 13]);
    expect(tracker.take().get("list")?.patches).toEqual([{ op: "set", path: [2], value: 13 }]);
  });

  it("[R10] a method that is read and not called, called on another array, or nested in a call finds its own array", () => {
    const first = reactive([1]);
    const second = reactive([2]);
    const plain = [3];

    const { push } = first;
    second.push(first.pop() ?? 0, second.pop() ?? 0);
    push.call(second, 4);
    void first.includes;
    push.call(plain, 5);
    first.push(...second.splice(0, 1));

    expect([toRaw(first), toRaw(second), plain]).toEqual([[1], [2, 4], [3, 5]]);
  });

  it("[R4] an effect that takes at once leaves nothing behind, and the next change is told again", () => {
    const state = reactive({ a: { n: 0 }, b: 0 });
    const tracker = trackDirty(state);
    const taken: string[] = [];
    effect(() => {
      if (tracker.version.value > 0) taken.push([...tracker.take().keys()].join());
    });

    state.a.n++;
    state.a.n++;
    batch(() => {
      state.a.n++;
      state.b++;
    });

    expect(taken).toEqual(["a", "a", "b,a"]);
    expect(tracker.isDirty).toBe(false);
  });

  it("[R4] an effect that throws at a change keeps the change, and what is dirty", () => {
    const state = reactive({ a: 0 });
    const tracker = trackDirty(state);
    effect(() => {
      if (state.a === 1) throw new Error("reader");
    });

    expect(() => (state.a = 1)).toThrow("reader");

    expect(toRaw(state).a).toBe(1);
    expect([...tracker.take().keys()]).toEqual(["a"]);
  });
});
