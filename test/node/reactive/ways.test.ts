import { applyPatches, type Patch, reactive, snapshot, toRaw, watch } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";

interface Knot {
  n: number;
  readonly to: Knot[];
}

describe("watch, where there are many ways", () => {
  it("[R25] one object in 3,000 places has a patch for each", () => {
    const shared = { n: 1 };
    const state = reactive({ items: Array.from({ length: 3000 }, () => ({ shared })) });
    const copy = structuredClone(JSON.parse(JSON.stringify(state)) as typeof state);
    let told: readonly Patch[] = [];
    watch(state, (patches) => {
      told = patches;
    });

    (state.items[0] as { shared: { n: number } }).shared.n = 2;

    expect(told).toHaveLength(3000);
    expect(applyPatches(copy, told)).toEqual(toRaw(state));
  });

  it("[R25] in a dense graph, and in a chain of diamonds, a change takes one patch, and no longer than a moment", () => {
    const knots: Knot[] = Array.from({ length: 30 }, (_, n) => ({ n, to: [] }));
    for (const knot of knots) knot.to.push(...knots);
    let diamond: { n: number; left?: object; right?: object } = { n: 1 };
    const bottom = diamond;
    for (let depth = 0; depth < 60; depth++) diamond = { n: 1, left: { diamond }, right: { diamond } };
    const state = reactive({ knot: knots[0] as Knot, diamond });
    const told: (readonly Patch[])[] = [];
    watch(state, (patches, inverse) => told.push(patches, inverse));
    const before = snapshot(state);

    const start = performance.now();
    (state.knot.to[20] as Knot).n = -1;
    reactive(bottom).n = 2;
    const took = performance.now() - start;

    expect(told.map((patches) => patches.length)).toEqual([1, 1, 1, 1]);
    expect(told[0]).toEqual([{ op: "set", path: ["knot", "to", 20, "n"], value: -1 }]);
    expect(took).toBeLessThan(2000);
    applyPatches(state, told[3] as Patch[]);
    applyPatches(state, told[1] as Patch[]);
    expect(snapshot(state).knot.to[20]?.n).toBe(before.knot.to[20]?.n);
    expect(bottom.n).toBe(1);
  });

  it("[R12] [R25] what a Set alone holds has its way told, by the member itself", () => {
    const member = { n: 1 };
    const state = reactive({ set: new Set([member]) });
    const told: (readonly Patch[])[] = [];
    watch(state, (patches, inverse) => told.push(patches, inverse));

    reactive(member).n = 2;

    expect(told).toEqual([
      [{ op: "set", path: ["set", member, "n"], value: 2 }],
      [{ op: "set", path: ["set", member, "n"], value: 1 }],
    ]);
    applyPatches(state, told[1] as Patch[]);
    expect(member.n).toBe(1);
  });

  it("[R12] a chain of 10,000 has its way told", () => {
    let chain: { next?: object; n: number } = { n: 0 };
    const last = chain;
    for (let depth = 0; depth < 10_000; depth++) chain = { next: chain, n: 0 };
    const state = reactive({ chain });
    let told: readonly Patch[] = [];
    watch(state, (patches) => {
      told = patches;
    });

    reactive(last).n = 1;

    expect(told[0]?.path).toHaveLength(10_002);
  });
});
