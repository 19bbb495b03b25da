import {
  applyPatches,
  effect,
  type Patch,
  reactive,
  snapshot,
  toRaw,
  trackDirty,
  transaction,
  watch,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { follow } from "./follow.ts";

type Named = number[] & { label?: { text: string } | number };

describe("what stands in an array besides data at indexes", () => {
  it("[R2] [R11] a function at an index is followed by who reads it", () => {
    const state = reactive<{ steps: (() => number)[] }>({ steps: [() => 1] });
    const seen: unknown[] = [];
    effect(() => {
      seen.push(state.steps[0]?.());
    });

    state.steps[0] = () => 2;

    expect(seen).toEqual([1, 2]);
  });

  it("[R13] a snapshot tells a hole from undefined, and has a name as long as the array has it", () => {
    const state = reactive<{ list: Named }>({ list: [1, 2] });
    const withName = Object.assign([undefined, 2], { label: 5 });
    const changes: [change: () => void, then: unknown[]][] = [
      [() => {}, [1, 2]],
      // oxlint-disable-next-line no-sparse-arrays -- holes are what is tried here
      [() => void delete state.list[0], [, 2]],
      [() => void Reflect.set(state.list, 0, undefined), [undefined, 2]],
      [() => void (state.list.label = 5), withName],
      [() => void delete state.list.label, [undefined, 2]],
      // oxlint-disable-next-line no-sparse-arrays -- holes are what is tried here
      [() => void (state.list.length = 3), [undefined, 2, ,]],
    ];

    for (const [change, then] of changes) {
      change();
      expect(snapshot(state).list).toStrictEqual(then);
    }
  });

  it("[R4] [R5] a property that is defined on an array is followed like one that is assigned", () => {
    const state = reactive<{ list: Named }>({ list: [] });
    const tracker = trackDirty(state);
    const label = { value: { text: "a" }, writable: true, enumerable: true, configurable: true };

    Object.defineProperty(state.list, "label", label);
    const defined = [...tracker.take().keys()];
    (state.list.label as { text: string }).text = "b";

    expect(defined).toEqual(["list"]);
    expect([...tracker.keys()]).toEqual(["list"]);
  });

  it("[R14] a transaction that throws brings a deleted property of an array back", () => {
    const list: Named = Object.assign([1], { label: 5 });
    const state = reactive({ list });

    expect(() =>
      transaction(() => {
        delete state.list.label;
        throw new Error("no");
      }),
    ).toThrow("no");

    expect(state.list.label).toBe(5);
  });

  it("[R10] freezing an array of objects through its proxy is refused, and it stays readable", () => {
    const list = reactive([{ done: false }]);

    expect(() => Object.freeze(list)).toThrow(/freeze the plain object before/);

    expect(list[0]?.done).toBe(false);
  });
});

describe("consumers made in a transaction that is taken back", () => {
  it("[R11] [R14] are told what is there again", () => {
    const state = reactive({ list: [1], map: new Map([[1, 1]]), byName: {} as Record<string, number> });
    const seen: unknown[] = [];

    expect(() =>
      transaction(() => {
        state.list.push(2);
        state.map.set(2, 2);
        state.byName["a"] = 1;
        effect(() => {
          seen.push([[...state.list], [...state.map.values()], Object.keys(state.byName)]);
        });
        throw new Error("no");
      }),
    ).toThrow("no");

    expect(seen).toEqual([
      [[1, 2], [1, 2], ["a"]],
      [[1], [1], []],
    ]);
  });

  it.each<[string, (number | undefined)[], (list: (number | undefined)[]) => unknown, string[]]>([
    // oxlint-disable-next-line no-sparse-arrays -- holes are what is tried here
    ["filled by splice", [, 1], (list) => list.splice(0, 1, 5), ["1", "0,1"]],
    // oxlint-disable-next-line no-sparse-arrays -- the same
    ["made by splice", [1, 2, , 4], (list) => list.splice(1, 2), ["0,1,3", "0,1"]],
    // oxlint-disable-next-line no-sparse-arrays, unicorn/no-array-reverse -- the same
    ["moved among values", [, 1], (list) => list.reverse(), ["1", "0"]],
    // oxlint-disable-next-line no-sparse-arrays, unicorn/no-array-reverse -- the same
    ["moved among undefined", [, undefined], (list) => list.reverse(), ["1", "0"]],
    // oxlint-disable-next-line no-sparse-arrays -- the same
    ["filled by fill", [, ,], (list) => list.fill(undefined), ["", "0,1"]],
  ])("[R2] who lists the keys is told of a hole %s", (_, start, change, expected) => {
    const list = reactive(start);
    const seen = follow(() => Object.keys(list).join());

    change(list);

    expect(seen).toEqual(expected);
  });

  it("[R2] who walks a list of primitives is told of an index that is written", () => {
    const list = reactive([1, 2]);
    const walked = follow(() => list.map((n) => n).join());

    list[0] = 5;

    expect(walked).toEqual(["1,2", "5,2"]);
  });

  it("[R11] 0 and -0 that change places are told", () => {
    const list = reactive([0, -0]);
    const seen = follow(() => list[0]);

    list.reverse();

    expect(seen).toEqual([0, -0]);
  });

  it("[R9] [R12] the inside of an object at a name of an array is told with that name", () => {
    const list: Named = Object.assign([1], { label: { text: "a" } });
    const state = reactive({ list });
    const tracker = trackDirty(state);
    const told: (readonly Patch[])[] = [];
    watch(state, (patches) => told.push(patches));

    (state.list.label as { text: string }).text = "b";

    const patch = { op: "set", path: ["label", "text"], value: "b" };
    expect(told).toEqual([[{ ...patch, path: ["list", ...patch.path] }]]);
    expect(tracker.take().get("list")).toEqual({ patches: [patch] });
  });
});

describe("a gap of billions of slots", () => {
  // A walk from slot to slot would take minutes, a patch for each hole all memory there is.
  const far = 4_000_000_000;

  it("[R2] [R4] is cut off in the time that what is there takes", () => {
    const state = reactive<{ list: { n: number }[] }>({ list: [{ n: 0 }] });
    const tracker = trackDirty(state);
    const seen = follow(() => state.list[far]?.n);

    state.list[far] = { n: 1 };
    const raw = toRaw(state.list[far]) as { n: number };
    state.list.length = 1;
    tracker.take();
    reactive(raw).n = 2;

    expect(seen).toEqual([undefined, 1, undefined]);
    expect(tracker.keys().size).toBe(0);
    expect(toRaw(state)).toEqual({ list: [{ n: 0 }] });
  });

  it("[R12] is told, and taken back, by patches for what is there", () => {
    const list: number[] = [0];
    list[far] = 1;
    const state = reactive({ list });
    const told: (readonly Patch[])[] = [];
    watch(state, (_, inverse) => told.push(inverse));

    state.list.length = 1;
    state.list[far - 1] = 2;
    delete state.list[far - 1];
    state.list.length = 0;
    for (const inverse of told.toReversed().slice(0, 1)) applyPatches(state, inverse);
    const lengthBefore = state.list.length;
    for (const inverse of told.slice(0, 3).toReversed()) applyPatches(state, inverse);

    expect(lengthBefore).toBe(far);
    expect([Object.entries(toRaw(state).list), state.list.length]).toEqual([
      [
        ["0", 0],
        [`${far}`, 1],
      ],
      far + 1,
    ]);
  });
});
