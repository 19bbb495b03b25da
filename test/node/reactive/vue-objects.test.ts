// What Vue documents of reactive objects holds here, too.
import { computed, effect, isReactive, markRaw, reactive, toRaw } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { expectFollowed, follow, type FollowedCase, rerunsOf } from "./follow.ts";

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

const cases: FollowedCase[] = [
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

it.each(cases)("[R2] %s: followed, and nothing else", (_, start) => expectFollowed(start));
