import { effect, reactive, snapshot, toRaw, trackDirty, watch } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { collectUntil } from "../../support/collect.js";

type Bag = Record<string, unknown>;

interface Dropped {
  readonly kept: unknown;
  readonly dropped: WeakRef<object>;
}

const isGone = (ref: WeakRef<object>) => () => ref.deref() === undefined;

/** Each way to drop something, and what must go; what is kept stays reachable until the end. */
const ways: Record<string, () => Dropped> = {
  "an object assigned over": () => {
    const state = reactive<Bag>({ a: { deep: { n: 1 } } });
    effect(() => void (state["a"] as { deep?: { n: number } } | undefined)?.deep?.n);
    const dropped = new WeakRef(toRaw(state["a"] as object));
    state["a"] = undefined;
    return { kept: state, dropped };
  },
  "an object deleted under a tracker and a watcher": () => {
    const state = reactive<Bag>({ a: { deep: { n: 1 } } });
    const tracker = trackDirty(state);
    const stop = watch(state, () => {});
    const dropped = new WeakRef(toRaw((state["a"] as Bag)["deep"] as object));
    delete state["a"];
    tracker.take();
    return { kept: [state, tracker, stop], dropped };
  },
  "an item shifted out of an array that was read": () => {
    const state = reactive<{ list: { n: number }[] }>({ list: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    trackDirty(state);
    for (const item of state.list) void item.n;
    const dropped = new WeakRef(toRaw(state.list[0] as object));
    state.list.shift();
    return { kept: state, dropped };
  },
  "an item spliced out, and one written over": () => {
    const state = reactive<{ list: unknown[] }>({ list: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    // From the second time on an array remembers what it hands out.
    for (let times = 0; times < 2; times++) for (const item of state.list) void item;
    const dropped = new WeakRef(toRaw(state.list[1] as object));
    state.list[1] = 0;
    state.list.splice(2, 1);
    return { kept: state, dropped };
  },
  "a Map's entry and a Set's member": () => {
    const state = reactive({ map: new Map<string, unknown>([["k", { n: 1 }]]), set: new Set<unknown>() });
    const tracker = trackDirty(state);
    const raw = toRaw(state.map.get("k") as object);
    state.set.add(raw);
    state.map.delete("k");
    state.set.clear();
    tracker.take();
    return { kept: [state, tracker], dropped: new WeakRef(raw) };
  },
  "a cycle that held a shared object": () => {
    const shared = {};
    const cycle: Bag = { shared };
    cycle["self"] = cycle;
    const state = reactive<Bag>({ cycle, shared });
    const tracker = trackDirty(state);
    const dropped = new WeakRef(cycle);
    delete state["cycle"];
    tracker.take();
    return { kept: [state, tracker], dropped };
  },
  "a root with its effects, when nobody holds it any more": () => {
    const state = reactive({ n: 1 });
    effect(() => void state.n);
    return { kept: undefined, dropped: new WeakRef(toRaw(state)) };
  },
  "an effect of a dropped object, while the rest of its tree is there": () => {
    const state = reactive<Bag>({ a: { n: 1 } });
    const a = state["a"] as Bag;
    const used = {};
    effect(() => void [a["n"], used]);
    state["a"] = undefined;
    return { kept: state, dropped: new WeakRef(used) };
  },
  "a root that shares an object with another": () => {
    const shared = { n: 1 };
    const other = reactive({ shared });
    const state = reactive({ shared, own: {} });
    const tracker = trackDirty(state);
    state.shared.n = 2;
    tracker.take();
    tracker.dispose();
    return { kept: other, dropped: new WeakRef(toRaw(state)) };
  },
  "a snapshot of what changed since": () => {
    const state = reactive({ a: { n: 1 } });
    const dropped = new WeakRef(snapshot(state));
    state.a.n = 2;
    snapshot(state);
    return { kept: state, dropped };
  },
};

describe("what is dropped is collected", () => {
  for (const [what, drop] of Object.entries(ways)) {
    it(`[R22] ${what}`, async () => {
      const { kept, dropped } = drop();

      expect(await collectUntil(isGone(dropped))).toBe(true);
      expect(kept).toBe(kept);
    });
  }

  it("[R22] the test catches what is held", async () => {
    const state = reactive({ a: { n: 1 } });
    const held = new WeakRef(toRaw(state.a));

    expect(await collectUntil(isGone(held))).toBe(false);
    expect(state.a.n).toBe(1);
  });
});
