import * as surface from "@dormouse/reactive";
import {
  type DeepReadonly,
  type DirtyTracker,
  type Patch,
  readonly,
  reactive,
  snapshot,
  trackDirty,
  transaction,
} from "@dormouse/reactive";
import * as signals from "@preact/signals-core";
import { describe, expect, expectTypeOf, it } from "vitest";

interface State {
  count: number;
  tags: Set<"a" | "b">;
  byId: Map<string, { done: boolean }>;
  list: readonly { id: number }[];
  when: Date;
}

describe("the public surface", () => {
  it("[R23] is exactly this", () => {
    expect(Object.keys(surface).toSorted()).toEqual([
      "applyPatches",
      "batch",
      "computed",
      "effect",
      "isReactive",
      "markRaw",
      "reactive",
      "readonly",
      "shallowReactive",
      "signal",
      "snapshot",
      "toRaw",
      "touch",
      "trackDirty",
      "transaction",
      "untracked",
      "watch",
    ]);
    const { batch, computed, effect, signal, untracked } = signals;
    expect(surface).toMatchObject({ batch, computed, effect, signal, untracked });
  });

  it("[R23] state types flow through unwidened", () => {
    expectTypeOf(reactive<State>).returns.toEqualTypeOf<State>();
    expectTypeOf(reactive({ kind: "a" as const })).toEqualTypeOf<{ kind: "a" }>();
    expectTypeOf(surface.toRaw<State>).returns.toEqualTypeOf<State>();
    expectTypeOf(readonly<State>).returns.toEqualTypeOf<DeepReadonly<State>>();
    expectTypeOf(snapshot<State>).returns.toEqualTypeOf<DeepReadonly<State>>();
    expectTypeOf<DeepReadonly<State>["byId"]>().toEqualTypeOf<
      ReadonlyMap<string, { readonly done: boolean }>
    >();
    expectTypeOf<DeepReadonly<State>["tags"]>().toEqualTypeOf<ReadonlySet<"a" | "b">>();
    expectTypeOf<DeepReadonly<State>["when"]>().toEqualTypeOf<Date>();
    expectTypeOf(transaction(() => 1 as const)).toEqualTypeOf<1>();
    expectTypeOf(trackDirty).returns.toEqualTypeOf<DirtyTracker>();
    expectTypeOf<Patch["op"]>().toEqualTypeOf<"set" | "delete" | "splice" | "add" | "clear">();
    // @ts-expect-error -- a number is no state
    expect(() => reactive(1)).toThrow(TypeError);
  });
});
