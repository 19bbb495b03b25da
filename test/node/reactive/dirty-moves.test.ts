import {
  applyPatches,
  type DirtyTracker,
  isReactive,
  reactive,
  toRaw,
  trackDirty,
  transaction,
} from "@dormouse/reactive";
import { describe, expect, it } from "vitest";

interface Item {
  [key: string]: unknown;
}

/** Brings a copy of `root` up to date with what its tracker tells. */
function update(copy: Record<string, unknown>, root: object, tracker: DirtyTracker): void {
  for (const [key, { patches }] of tracker.take()) {
    const at = key as string;
    if (patches === null) copy[at] = structuredClone((toRaw(root) as Record<string, unknown>)[at]);
    else applyPatches(copy[at] as object, structuredClone(patches));
  }
}

/** Of this thread's own time: whatever else runs on the machine takes none of it. */
function millisecondsOf(change: () => void): number {
  const start = process.threadCpuUsage();
  change();
  return process.threadCpuUsage(start).user / 1000;
}

describe("dirty tracking of what moves", () => {
  it("[R4] [R5] a changed object that is put into a fresh one, and taken from its old place, is still followed", () => {
    const state = reactive<Item>({ board: { card: { done: 0 } } });
    const { card } = state["board"] as { card: { done: number } };
    const tracker = trackDirty(state);
    card.done = 1;
    state["archive"] = { card };
    delete state["board"];
    tracker.take();

    card.done = 2;

    expect([...tracker.keys()]).toEqual(["archive"]);
  });

  it("[R5] a changed object below two roots marks the second one, too, whoever takes first", () => {
    const first = reactive({ card: { done: 0 } });
    const second = reactive<Item>({});
    const ofFirst = trackDirty(first);
    const ofSecond = trackDirty(second);
    first.card.done = 1;
    second["holder"] = { card: first.card };
    ofSecond.take();

    first.card.done = 2;

    expect([...ofSecond.keys()]).toEqual(["holder"]);
    expect([...ofFirst.keys()]).toEqual(["card"]);
  });

  it("[R4] a tracker made above a changed object starts clean, and sees its next change", () => {
    const card = reactive({ done: 0 });
    const first = trackDirty(reactive({ card }));
    card.done = 1;
    const second = trackDirty(reactive({ holder: { card } }));
    const before = [...second.keys()];
    const version = second.version.peek();

    card.done = 2;

    expect(before).toEqual([]);
    expect(second.version.peek()).toBe(version + 1);
    expect([...second.keys()]).toEqual(["holder"]);
    expect([...first.keys()]).toEqual(["card"]);
  });

  it("[R9] what one root took is not missing in the patches of another that lost the alias since", () => {
    const card: Item = {};
    const first = reactive<{ card?: Item }>({ card });
    const second = reactive({ list: [{ card }] });
    const ofFirst = trackDirty(first);
    const ofSecond = trackDirty(second);
    const copy = structuredClone(toRaw(second));
    (first.card as Item)["a"] = 1;
    ofFirst.take();
    (first.card as Item)["b"] = 2;
    delete first.card;

    update(copy, second, ofSecond);

    expect(copy).toEqual({ list: [{ card: { a: 1, b: 2 } }] });
  });

  it("[R9] what a tracker further down took is not missing above when it is gone", () => {
    const state = reactive<{ outer: { inner: Item } }>({ outer: { inner: {} } });
    const above = trackDirty(state);
    const below = trackDirty(state.outer.inner);
    const copy = structuredClone(toRaw(state));
    state.outer.inner["a"] = 1;
    below.take();
    state.outer.inner["b"] = 2;
    below.dispose();

    update(copy as never, state, above);

    expect(copy).toEqual({ outer: { inner: { a: 1, b: 2 } } });
  });

  it("[R9] taking what is below an old holder leaves what moved away from it to its new one", () => {
    const inner: Item = { list: [1] };
    const state = reactive<Item>({ inner, holder: { inner } });
    const tracker = trackDirty(state);
    const copy = structuredClone(toRaw(state));
    (reactive(inner)["list"] as number[]).push(2);
    const holder = state["holder"] as Item;
    holder["inner"] = null;
    const below = trackDirty(holder);
    reactive(inner)["a"] = 1;
    below.take();
    below.dispose();

    update(copy, state, tracker);

    expect(copy).toEqual({ inner: { list: [1, 2], a: 1 }, holder: { inner: null } });
  });

  it.each<[string, (state: { moved?: object; box: { inner?: object } }) => void]>([
    ["went", () => {}],
    ["moved away", (state) => (state.moved = state.box.inner as object)],
  ])("[R9] a changed object that %s leaves exact patches behind", (_, move) => {
    const state: { moved?: object; box: { inner?: object } } = reactive({
      box: { inner: { n: 1 }, rest: 1 },
    });
    const tracker = trackDirty(state);

    (state.box.inner as { n: number }).n = 2;
    move(state);
    delete state.box.inner;

    expect(tracker.take().get("box")).toEqual({ patches: [{ op: "delete", path: ["inner"] }] });
  });

  it("[R9] what stood also in a Map, under an object that is no text, is told from where it is left", () => {
    const card = { n: 0 };
    const state = reactive({ map: new Map<object, object>(), record: { card } });
    const tracker = trackDirty(state);
    state.map.set(Object.create(null), state.record.card);
    state.map.clear();
    tracker.take();

    state.record.card.n = 1;

    expect(tracker.take().get("record")?.patches).toEqual([{ op: "set", path: ["card", "n"], value: 1 }]);
  });

  it.each([
    ["inherited", () => {}],
    [
      "own",
      (card: object) =>
        Object.defineProperty(card, "first", {
          get(this: { inner: object }) {
            return this.inner;
          },
          configurable: true,
        }),
    ],
  ])(
    "[R9] what stood also where an accessor answers with it now is told from where it is left: %s",
    (_, put) => {
      class Card {
        inner = { n: 0 };
        get first(): object {
          return this.inner;
        }
      }
      const state = reactive({ card: new Card() });
      const tracker = trackDirty(state);
      state.card.inner.n = 1;
      const again = { value: state.card.inner, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(state.card, "first", again);
      Reflect.deleteProperty(state.card, "first");
      put(state.card);
      const copy = { inner: { n: 0 } };

      const change = tracker.take().get("card");
      if (change?.patches !== null) applyPatches(copy, change?.patches ?? []);

      expect(change === undefined || change.patches === null ? change : copy).toEqual(
        change?.patches === null ? { patches: null } : { inner: { n: 1 } },
      );
    },
  );

  it("[R9] a changed object that was put into its array a second time, and taken out there again, is told", () => {
    const state = reactive({ list: [{ done: 0 }] });
    const tracker = trackDirty(state);
    const copy = structuredClone(toRaw(state));
    const [item] = state.list as [{ done: number }];
    item.done = 1;
    state.list.push(item, item);
    state.list.length = 1;

    update(copy, state, tracker);

    expect(copy).toEqual({ list: [{ done: 1 }] });
  });

  it("[R9] so is one that was assigned to a second index and taken out there again", () => {
    const state = reactive({ list: [{ done: 0 }, { done: 5 }] });
    const tracker = trackDirty(state);
    const copy = structuredClone(toRaw(state));
    const [item] = state.list as [{ done: number }];
    item.done = 1;
    state.list[1] = item;
    state.list.length = 1;

    update(copy, state, tracker);

    expect(copy).toEqual({ list: [{ done: 1 }] });
  });

  it("[R9] [R14] what another tracker took stays known through a transaction that is taken back", () => {
    const inner: Item = {};
    const state = reactive<Item>({ inner, holder: { inner } });
    const tracker = trackDirty(state);
    const copy = structuredClone(toRaw(state));
    const holder = state["holder"] as Item;
    reactive(inner)["a"] = 1;
    const below = trackDirty(holder);
    delete holder["inner"];
    expect(() =>
      transaction(() => {
        delete state["inner"];
        throw new Error("no");
      }),
    ).toThrow("no");
    below.dispose();
    reactive(inner)["b"] = 2;

    update(copy, state, tracker);

    expect(copy).toEqual({ inner: { a: 1, b: 2 }, holder: {} });
  });

  it.each<[string, (holder: object, inner: object) => unknown]>([
    ["under a symbol", (holder, inner) => Object.assign(holder, { [Symbol("s")]: inner })],
    [
      "hidden",
      (holder, value) => Object.defineProperty(holder, "h", { value, writable: true, configurable: true }),
    ],
  ])("[R9] a change below what no structured clone takes along is in no patch: %s", (_name, put) => {
    const inners = [{ n: 1 }, { n: 1 }];
    const raw = { key: { a: { n: 1 }, list: [1] } };
    put(raw.key, inners[0] as object);
    put(raw.key.list, inners[1] as object);
    const state = reactive(raw);
    const tracker = trackDirty(state);
    const copy = structuredClone(raw.key);

    for (const inner of inners) reactive(inner as { n: number }).n = 2;
    state.key.a.n = 2;

    expect(applyPatches(copy, tracker.take().get("key")?.patches ?? [])).toEqual({ a: { n: 2 }, list: [1] });
  });

  it("[R9] a change below the key NaN is told once", () => {
    const state = reactive({ map: new Map<number, number[]>() });
    const tracker = trackDirty(state);
    const copy = structuredClone(toRaw(state));
    state.map.set(Number.NaN, [1]);
    state.map.get(Number.NaN)?.push(2);

    update(copy, state, tracker);

    expect(copy.map.get(Number.NaN)).toEqual([1, 2]);
  });

  it("[R6] what is tracked shallowly is followed deeply by who tracks it deeply, in any order", () => {
    const prefs = reactive({ font: { size: 1 } });
    trackDirty(prefs, { shallow: true });
    const state = reactive<Item>({});
    const above = trackDirty(state);
    state["prefs"] = prefs;
    const again = trackDirty(prefs);
    above.take();
    again.take();

    prefs.font.size = 2;

    expect([...above.keys()]).toEqual(["prefs"]);
    expect([...again.keys()]).toEqual(["font"]);
  });

  it("[R3] [R4] a tree made reactive around proxies holds what is behind them, and follows it", () => {
    const card = reactive({ done: 0 });
    const raw = { card, byCard: new Map([[card, [card]]]), cards: new Set([card]) };
    const state = reactive(raw);
    const tracker = trackDirty(state);

    card.done = 1;

    expect([
      isReactive(raw.card),
      [...raw.byCard].flat(2).some(isReactive),
      [...raw.cards].some(isReactive),
    ]).toEqual([false, false, false]);
    expect([...tracker.keys()]).toEqual(["card", "byCard", "cards"]);
  });

  it("[R4] a root without top-level properties is refused", () => {
    const roots = { array: [], map: new Map(), set: new Set(), date: new Date(), opaque: new Uint8Array(1) };
    for (const [kind, root] of Object.entries(roots)) {
      const message = `takes an object with properties, and was given ${kind}; wrap`;
      expect(() => trackDirty(reactive(root))).toThrow(message);
    }
  });

  it("[R7] what is refused is named by its path, however it got there", () => {
    const refused: unknown[] = [];
    const refuse = (_value: unknown, path: readonly unknown[]) => {
      refused.push(path);
      throw new TypeError("refused");
    };
    const state = reactive<{ rows: Item[]; spare: Item | null }>({ rows: [{}, { cells: [] }], spare: null });
    trackDirty(state, { refuse });
    const { cells } = state.rows[1] as unknown as { cells: unknown[] };

    expect(() => cells.push({ run: () => 1 })).toThrow("refused");
    state.spare = state.rows[1] as Item;
    expect(() => cells.push({ run: () => 1 })).toThrow("refused");

    expect(refused[0]).toEqual(["rows", 1, "cells", 0, "run"]);
    expect(refused).toHaveLength(2);
    expect(cells).toHaveLength(0);
  });

  it.each(["name", "1.5", "-1"])("[R7] what is refused at an array's property %j is named by it", (key) => {
    const paths: unknown[] = [];
    const list = Object.assign([() => 0], { [key]: () => 1 });
    trackDirty(reactive({ list }), { refuse: (_value, path) => void paths.push(path) });

    expect(paths).toContainEqual(["list", 0]);
    expect(paths).toContainEqual(["list", key]);

    const state = reactive({ list: [1] as unknown[] });
    const assigned: unknown[] = [];
    trackDirty(state, { refuse: (_value, path) => void assigned.push(path) });
    state.list[0] = () => 0;
    Reflect.set(state.list, key, () => 1);
    state.list.push(() => 2);
    expect(assigned).toEqual([
      ["list", 0],
      ["list", key],
      ["list", 1],
    ]);
  });
});

it.each([
  ["forth", (list: unknown[]) => list.unshift({}, {}, {}), 5],
  ["back", (list: unknown[]) => list.splice(0, 2), 0],
])("[R8] finds what was moved %s since it was seen last", (_, move, index) => {
  const root = reactive({ list: Array.from({ length: 6 }, (_item, n) => ({ n })) });
  const tracker = trackDirty(root);
  const item = root.list[2] as { n: number };
  item.n = 10;
  tracker.take();
  move(root.list);
  tracker.take();

  item.n = 11;
  expect(tracker.take().get("list")?.patches).toEqual([{ op: "set", path: [index, "n"], value: 11 }]);
});

describe("letting go", () => {
  const COUNT = 20_000;
  /** Far above what it takes when it is linear, and far below the minute of a walk for each object. */
  const MAX_MS = 3000;

  it("[R5] of many objects that share one takes time for each once", () => {
    const hub = { name: "hub" };
    const state = reactive({ posts: Array.from({ length: 6 * COUNT }, () => ({ hub })) });
    const tracker = trackDirty(state);

    const took = millisecondsOf(() => {
      while (state.posts.length > 0) state.posts.pop();
    });
    tracker.take();
    reactive(hub).name = "dropped";

    expect(took).toBeLessThan(MAX_MS);
    expect([...tracker.keys()]).toEqual([]);
  });

  it("[R5] and taking what changed below very many that share it takes time for each once", () => {
    const hub = { visits: 0 };
    const state = reactive({ posts: Array.from({ length: COUNT }, () => ({ hub })) });
    const tracker = trackDirty(state);

    const took = millisecondsOf(() => {
      for (let visit = 0; visit < 4; visit++) {
        reactive(hub).visits++;
        tracker.take();
      }
    });

    expect(took).toBeLessThan(MAX_MS);
  });

  it("[R7] and putting into very many what others share takes time for each once", () => {
    const state = reactive({ hub: {}, posts: Array.from({ length: COUNT }, (): { hub?: object } => ({})) });
    trackDirty(state, { refuse: () => {} });

    const took = millisecondsOf(() => {
      for (const post of state.posts) post.hub = state.hub;
    });

    expect(took).toBeLessThan(MAX_MS);
  });

  it("[R7] what already stands in the tree is not looked at again in what is put there", () => {
    const state = reactive<Record<string, unknown>>({ hub: {} });
    const refused: unknown[] = [];
    trackDirty(state, { refuse: (_value, path) => refused.push(path.join(".")) });
    (state["hub"] as Record<string, unknown>)["f"] = () => 1;

    state["first"] = { hub: state["hub"], g: () => 1 };
    delete state["hub"];
    delete state["first"];
    state["second"] = { hub: { f: () => 1 } };

    expect(refused).toEqual(["hub.f", "first.g", "second.hub.f"]);
  });

  it("[R5] of a list linked in both directions takes time for each once", () => {
    interface Link {
      next?: Link;
      previous?: Link;
    }
    const head: Link = {};
    let last = head;
    for (let index = 0; index < COUNT; index++) {
      last.next = { previous: last };
      last = last.next;
    }
    const state = reactive<{ head?: Link }>({ head });
    const tracker = trackDirty(state);

    const took = millisecondsOf(() => {
      delete state.head;
    });
    tracker.take();
    reactive(last).next = {};

    expect(took).toBeLessThan(MAX_MS);
    expect([...tracker.keys()]).toEqual([]);
  });
});

describe("a list linked in both directions", () => {
  it("[R4] is marked and made clean at any length", () => {
    interface Link {
      next?: Link;
      previous?: Link;
      value?: number;
    }
    const head: Link = {};
    let last = head;
    for (let index = 0; index < 20_000; index++) {
      last.next = { previous: last };
      last = last.next;
    }
    const tracker = trackDirty(reactive({ head }));

    reactive(last).value = 1;
    const first = [...tracker.take().keys()];
    reactive(last).value = 2;

    expect(first).toEqual(["head"]);
    expect([...tracker.keys()]).toEqual(["head"]);
  });
});

describe("objects that are let go of", () => {
  it("[R5] a key of a Map that was deleted or cleared marks none", () => {
    const keys = [{ n: 1 }, { n: 2 }, { n: 3 }];
    const state = reactive({ map: new Map(keys.map((key) => [key, 1])) });
    const tracker = trackDirty(state);

    state.map.delete(keys[0] as { n: number });
    tracker.take();
    reactive(keys[0] as { n: number }).n = 9;
    const afterDelete = tracker.isDirty;
    reactive(keys[1] as { n: number }).n = 9;
    const held = [...tracker.keys()];
    state.map.clear();
    tracker.take();
    for (const key of keys) reactive(key).n++;

    expect([afterDelete, held, tracker.isDirty]).toEqual([false, ["map"], false]);
  });

  const inner = { n: 1 };

  it.each<Record<string, { n: number }[]>>([
    { twice: [inner, inner], once: [inner] },
    { once: [inner], twice: [inner, inner] },
  ])("[R5] what stands twice in one place and once in another is held until the last goes: %j", (start) => {
    const state = reactive(start);
    const tracker = trackDirty(state);
    const keys: PropertyKey[][] = [];
    const change = () => {
      tracker.take();
      reactive(inner).n++;
      keys.push([...tracker.keys()].toSorted());
    };

    for (const key of ["twice", "twice", "once"]) {
      change();
      state[key]?.pop();
    }
    change();

    expect(keys).toEqual([["once", "twice"], ["once", "twice"], ["once"], []]);
  });

  it("[R9] what was changed, went with all others, and came back as it was is told", () => {
    const root = reactive({
      in: {
        map: new Map([
          ["a", 1],
          ["b", 2],
        ]),
      },
    });
    const tracker = trackDirty(root);
    const copy = structuredClone(toRaw(root));
    const { map } = root.in;

    map.set("a", 5);
    map.set("b", 6);
    map.clear();
    map.set("a", 1);
    update(copy, root, tracker);

    expect(copy.in.map).toEqual(new Map([["a", 1]]));
  });

  it("[R9] a key and a member that went and came back are last in the copy, too", () => {
    const root = reactive({
      box: { inner: { a: 1, b: 2 }, other: { a: 1, b: 2 } },
      bag: { set: new Set([1, 2]) },
    });
    const tracker = trackDirty(root);
    const copy = structuredClone(toRaw(root)) as unknown as Record<string, unknown>;
    const inner: Record<string, number> = root.box.inner;

    const other: Record<string, number> = root.box.other;
    delete inner["a"];
    inner["a"] = 3;
    other["b"] = 4;
    delete other["a"];
    other["a"] = 3;
    root.bag.set.delete(1);
    root.bag.set.add(1);
    update(copy, root, tracker);

    expect(JSON.stringify(copy["box"])).toBe('{"inner":{"b":2,"a":3},"other":{"b":4,"a":3}}');
    expect([...(copy["bag"] as { set: Set<number> }).set]).toEqual([2, 1]);
  });
});
