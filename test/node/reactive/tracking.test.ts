import {
  applyPatches,
  effect,
  type Patch,
  reactive,
  shallowReactive,
  snapshot,
  toRaw,
  touch,
  trackDirty,
  transaction,
  watch,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";

const patchesOf = (taken: ReturnType<ReturnType<typeof trackDirty>["take"]>) =>
  Object.fromEntries([...taken].map(([key, { patches }]) => [key, patches]));

const refuse = (value: unknown, path: readonly unknown[]) => {
  throw new TypeError(`${typeof value} at ${path.map(String).join(".")}`);
};

const attack = (path: unknown[]) => () => applyPatches({}, [{ op: "set", path, value: true }]);

describe("trackDirty", () => {
  it("[R9] a queue of 10,000 with a cap takes two small patches", () => {
    const state = reactive({ messages: Array.from({ length: 10_000 }, (_, id) => ({ id })) });
    const tracker = trackDirty(state);

    state.messages.push({ id: 10_000 });
    state.messages.shift();

    expect(patchesOf(tracker.take())).toEqual({
      messages: [
        { op: "splice", path: [], index: 10_000, remove: 0, insert: [{ id: 10_000 }] },
        { op: "splice", path: [], index: 0, remove: 1, insert: [] },
      ],
    });
    for (const message of state.messages.slice(-1)) message.id = -1;
    expect(patchesOf(tracker.take())).toEqual({ messages: [{ op: "set", path: [9_999, "id"], value: -1 }] });
  });

  it("[R9] what was attached since the last take goes whole, and has no patches of its own", () => {
    const state = reactive<{ board: { cards: { n: number }[]; title: string } }>({
      board: { cards: [], title: "" },
    });
    const tracker = trackDirty(state);

    state.board.cards.push({ n: 1 });
    for (const card of state.board.cards) card.n = 2;
    state.board.title = "t";

    expect(patchesOf(tracker.take())).toEqual({
      board: [
        { op: "set", path: ["title"], value: "t" },
        { op: "splice", path: ["cards"], index: 0, remove: 0, insert: [{ n: 2 }] },
      ],
    });
  });

  it("[R9] a key that was assigned goes whole, whatever changed inside it since", () => {
    const state = reactive<Record<string, { n: number; m?: number }>>({ a: { n: 1 }, b: { n: 1 } });
    const tracker = trackDirty(state);

    state["a"] = { n: 2, m: 1 };
    for (const inner of Object.values(state)) inner.n = 3;

    expect(patchesOf(tracker.take())).toEqual({ a: null, b: [{ op: "set", path: ["n"], value: 3 }] });
  });

  it("[R9] so does a property further down, in a patch", () => {
    const state = reactive({ box: { inner: { n: 1 }, rest: 1 } });
    const tracker = trackDirty(state);

    state.box.inner = { n: 2 };
    state.box.inner.n = 3;

    expect(patchesOf(tracker.take())).toEqual({ box: [{ op: "set", path: ["inner"], value: { n: 3 } }] });
  });

  it("[R4] what was put back to the same primitive is not told", () => {
    const state = reactive({ a: 1, nested: { done: false } });
    const tracker = trackDirty(state);

    state.a = 2;
    state.nested.done = true;
    state.a = 1;
    state.nested.done = false;

    expect(tracker.take().size).toBe(0);
  });

  it("[R4] keys that went are told, and touch and Date setters count", () => {
    const state = reactive<Record<string, unknown>>({
      gone: 1,
      bytes: new Uint8Array(1),
      when: { at: new Date(0) },
    });
    const tracker = trackDirty(state);

    delete state["gone"];
    touch(state, "bytes");
    (state["when"] as { at: Date }).at.setTime(9);

    expect(patchesOf(tracker.take())).toEqual({
      gone: null,
      bytes: null,
      when: [{ op: "set", path: ["at"], value: new Date(9) }],
    });
  });

  it("[R5] [R17] touch marks every key below which the value stands", () => {
    const bytes = new Uint8Array(2);
    const state = reactive({
      a: bytes,
      b: { list: [bytes] },
      c: new Map([["k", bytes]]),
      d: new Uint8Array(2),
    });
    const tracker = trackDirty(state);
    const paths: (readonly unknown[])[] = [];
    watch(state, (patches) => paths.push(...patches.map(({ path }) => path)));

    bytes[0] = 1;
    touch(state, "a");

    expect([...tracker.take().keys()].toSorted()).toEqual(["a", "b", "c"]);
    expect(paths).toEqual(expect.arrayContaining([["a"], ["b", "list", 0], ["c", "k"]]));
  });

  it("[R9] a change further down than a patch's path may go takes the whole key", () => {
    let chain: { next?: object; n?: number } = { n: 1 };
    const last = reactive(chain);
    for (let depth = 0; depth < 20_000; depth++) chain = { next: chain };
    const tracker = trackDirty({ chain });

    last.n = 2;

    expect(patchesOf(tracker.take())).toEqual({ chain: null });
  });

  it("[R5] several trackers, over one root and over nested ones, each see all of it", () => {
    const state = reactive({ board: { n: 1 }, other: 1 });
    const first = trackDirty(state);
    const second = trackDirty(state);
    const nested = trackDirty(state.board);

    state.board.n = 2;
    expect([...nested.take().keys()]).toEqual(["n"]);
    expect([...first.take().keys()]).toEqual(["board"]);
    state.other = 2;
    expect([...second.take().keys()].toSorted()).toEqual(["board", "other"]);
    state.board.n = 3;
    expect([...second.take().keys()]).toEqual(["board"]);
    expect([...nested.keys()]).toEqual(["n"]);
    expect([...first.take().keys()].toSorted()).toEqual(["board", "other"]);
    nested.dispose();
    state.board.n = 4;
    expect(nested.take().size).toBe(0);
  });

  it("[R5] an object under two roots marks both", () => {
    const shared = { n: 1 };
    const one = trackDirty(reactive({ a: shared }));
    const two = trackDirty(reactive({ b: [shared] }));

    reactive(shared).n = 2;

    expect([...one.take().keys(), ...two.take().keys()]).toEqual(["a", "b"]);
  });

  it("[R6] a shallow tracker sees the same object assigned again, and nothing inside", () => {
    const state = shallowReactive({ prefs: { size: 1 }, n: 1 });
    const tracker = trackDirty(state, { shallow: true });

    state.prefs.size = 2;
    state.n = 1;
    expect(tracker.take().size).toBe(0);
    // oxlint-disable-next-line no-self-assign -- this is how a shallow change is told
    state.prefs = state.prefs;
    expect(patchesOf(tracker.take())).toEqual({ prefs: null });
  });

  it("[R4] the version moves once from clean to dirty, and again after a take", () => {
    const state = reactive({ a: { n: 1 }, b: 1 });
    const tracker = trackDirty(state);
    const versions: number[] = [];
    effect(() => {
      versions.push(tracker.version.value);
    });

    state.a.n = 2;
    state.b = 2;
    tracker.take();
    state.a.n = 3;

    expect(versions).toEqual([0, 1, 2]);
  });

  it("[R7] what can't be cloned is refused at the start and at every assignment, with its path", () => {
    const state = reactive<Record<string, unknown>>({ list: [1], map: new Map(), set: new Set() });
    trackDirty(state, { refuse });

    expect(() => trackDirty({ a: { f: () => 1 } }, { refuse })).toThrow("function at a.f");
    expect(() => (state["f"] = () => 1)).toThrow("function at f");
    expect(() => ((state["list"] as unknown[])[0] = Symbol("s"))).toThrow("symbol at list.0");
    expect(() => (state["list"] as unknown[]).unshift({ p: Promise.resolve() })).toThrow(
      "object at list.0.p",
    );
    expect(() => (state["map"] as Map<string, unknown>).set("k", new WeakMap())).toThrow("object at map.k");
    expect(() => (state["set"] as Set<unknown>).add(() => 1)).toThrow("function at set");
    expect(() => Object.defineProperty(state, "g", { value: () => 1 })).toThrow("function at g");
    expect(JSON.stringify(toRaw(state))).toBe('{"list":[1],"map":{},"set":{}}');
  });

  it("[R7] what is nested too deep for a structured clone is refused as well, where it gets too deep", () => {
    const state = reactive<Record<string, unknown>>({});
    const refused: number[] = [];
    trackDirty(state, { refuse: (_value, path) => refused.push(path.length) });
    let chain: object = {};
    for (let depth = 0; depth < 20_000; depth++) chain = { chain };

    state["chain"] = chain;

    expect(refused).toEqual([2001]);
  });

  it("[R14] take() is refused in a transaction", () => {
    const state = reactive({ a: 1 });
    const tracker = trackDirty(state);

    expect(() => transaction(() => tracker.take())).toThrow(/transaction/);
  });
});

describe("watch", () => {
  it("[R12] tells splices as splices, Map keys and Set members, once for a batch", () => {
    const state = reactive({ list: [1, 2, 3], map: new Map([["k", { n: 1 }]]), set: new Set([1]) });
    const told: (readonly Patch[])[] = [];
    const stop = watch(state, (patches) => told.push(patches));

    state.list.splice(1, 1, 8, 9);
    transaction(() => {
      for (const entry of state.map.values()) entry.n = 2;
      state.set.add(2);
    });
    stop();
    state.list.pop();

    expect(told).toEqual([
      [{ op: "splice", path: ["list"], index: 1, remove: 1, insert: [8, 9] }],
      [
        { op: "set", path: ["map", "k", "n"], value: 2 },
        { op: "add", path: ["set"], value: 2 },
      ],
    ]);
  });

  it("[R12] the inverse undoes on the live state", () => {
    const state = reactive<Record<string, unknown>>({ a: { n: 1 }, list: [1] });
    const undo: (readonly Patch[])[] = [];
    const stop = watch(state, (_, inverse) => undo.push(inverse));
    const before = structuredClone(toRaw(state));

    delete state["a"];
    (state["list"] as number[])[3] = 4;
    state["new"] = new Set([1]);
    stop();
    for (const inverse of undo.toReversed()) applyPatches(state, inverse);

    expect(toRaw(state)).toEqual(before);
  });

  it("[R12] values in patches are as they were told, whatever happens after", () => {
    const state = reactive<{ a?: { n: number } }>({});
    const told: Patch[] = [];
    watch(state, (patches) => told.push(...patches));

    state.a = { n: 1 };
    state.a.n = 2;

    const replica = {};
    applyPatches(replica, told.slice(0, 1));
    expect(replica).toEqual({ a: { n: 1 } });
    applyPatches(replica, told.slice(1));
    expect(replica).toEqual({ a: { n: 2 } });
  });

  it("[R12] an object under two keys has a patch for each", () => {
    const shared = { n: 1 };
    const state = reactive({ a: shared, b: [shared] });
    const told: unknown[] = [];
    watch(state, (patches) => told.push(...patches.map(({ path }) => path.join("."))));

    state.a.n = 2;

    expect(told.toSorted()).toEqual(["a.n", "b.0.n"]);
  });
});

describe("applyPatches", () => {
  it("[R8] never reaches a prototype", () => {
    expect(attack(["__proto__", "polluted"])).toThrow(TypeError);
    expect(attack(["constructor", "prototype", "polluted"])).toThrow(TypeError);
    expect(attack([])).toThrow(TypeError);
    const own = applyPatches({}, [{ op: "set", path: ["__proto__"], value: { polluted: true } }]);
    expect(Object.getPrototypeOf(own)).toBe(Object.prototype);
    expect((own as { polluted?: boolean }).polluted).toBe(undefined);
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
    expect(() =>
      applyPatches([], [{ op: "splice", path: ["map"], index: 0, remove: 1, insert: [] }]),
    ).toThrow(/map/);
    expect(() => applyPatches({}, [{ op: "bad" } as unknown as Patch])).toThrow(TypeError);
  });

  it("[R8] copies values, so that one patch serves several targets", () => {
    const patch: Patch = { op: "set", path: ["a"], value: { n: 1 } };
    const first = applyPatches<{ a?: { n: number } }>({}, [patch, { op: "set", path: ["a", "n"], value: 2 }]);
    const second = applyPatches({}, [patch]);

    expect([first, second]).toEqual([{ a: { n: 2 } }, { a: { n: 1 } }]);
  });
});

describe("snapshot and transaction", () => {
  it("[R13] a snapshot has what an array holds under a symbol, and hides what the state hides", () => {
    const mark = Symbol("mark");
    const state = reactive({ list: [1] as unknown[] & { [mark]?: { n: number } }, record: { a: 1 } });
    for (const follows of [() => {}, () => void watch(state, () => {})]) {
      follows();
      for (const enumerable of [false, true]) {
        const before = snapshot(state);

        state.list[mark] = { n: Number(enumerable) };
        Object.defineProperty(state.record, "a", { enumerable });

        expect(before).not.toBe(snapshot(state));
        expect(snapshot(state).list[mark]).toEqual({ n: Number(enumerable) });
        expect(Object.keys(snapshot(state).record)).toEqual(enumerable ? ["a"] : []);
        state.list[mark].n = 7;
        expect(snapshot(state).list[mark]).toEqual({ n: 7 });
      }
    }
  });

  it("[R13] what is one opaque value is in a snapshot itself, read or not", () => {
    const raw = { pattern: /x/, list: [new Uint8Array([1])], map: new Map([["key", new Error("no")]]) };
    const before = { pattern: raw.pattern, bytes: raw.list[0], error: raw.map.get("key") };

    const copy = snapshot(reactive(raw));

    expect(copy.pattern).toBe(before.pattern);
    expect(copy.list[0]).toBe(before.bytes);
    expect(copy.map.get("key")).toBe(before.error);
    expect(snapshot(reactive({ at: before.pattern })).at).toBe(before.pattern);
  });

  it("[R13] Map, Set and Date in a snapshot refuse changes, and clone", () => {
    const copy = snapshot(reactive({ map: new Map([[1, { n: 1 }]]), set: new Set([1]), when: new Date(5) }));

    expect(() => (copy.map as Map<number, unknown>).set(1, 2)).toThrow(/snapshot/);
    expect(() => (copy.set as Set<number>).clear()).toThrow(/snapshot/);
    expect(() => copy.when.setTime(1)).toThrow(/snapshot/);
    expect(structuredClone(copy)).toEqual({
      map: new Map([[1, { n: 1 }]]),
      set: new Set([1]),
      when: new Date(5),
    });
  });

  it("[R14] nested: the inner one takes back its own changes, the outer one all", () => {
    const state = reactive({ a: 1, b: 1 });

    expect(() =>
      transaction(() => {
        state.a = 2;
        expect(() =>
          transaction(() => {
            state.b = 2;
            throw new Error("inner");
          }),
        ).toThrow("inner");
        expect({ ...state }).toEqual({ a: 2, b: 1 });
        transaction(() => (state.b = 3));
        throw new Error("outer");
      }),
    ).toThrow("outer");
    expect({ ...state }).toEqual({ a: 1, b: 1 });
  });

  it("[R14] an asynchronous function is refused, and taken back", () => {
    const state = reactive({ a: 1 });

    expect(() =>
      transaction(async () => {
        state.a = 2;
      }),
    ).toThrow(/asynchronous/);
    expect(state.a).toBe(1);
  });

  it("[R14] a property's place among the keys, descriptors and extra names of arrays come back", () => {
    const state = reactive<{ o: Record<string, unknown>; list: unknown[] }>({ o: { a: 1, b: 2 }, list: [1] });
    const text = () => JSON.stringify([Object.entries(toRaw(state).o), Object.entries(toRaw(state).list)]);
    const before = text();

    expect(() =>
      transaction(() => {
        delete state.o["a"];
        state.o["a"] = 3;
        Object.defineProperty(state.o, "b", { get: () => 1, configurable: true, enumerable: true });
        Object.assign(state.list, { name: 1 });
        state.list.length = 0;
        throw new Error("back");
      }),
    ).toThrow("back");

    expect(text()).toBe(before);
  });
});
