import { computed, effect, reactive, signal } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";

describe("presence", () => {
  it("[R11] an effect that listed the keys in its last run, and asks for one key in this, follows that key", () => {
    const state = reactive<Record<string, number>>({});
    const lists = signal(true);
    const seen: unknown[] = [];
    effect(() => {
      seen.push(lists.value ? Object.keys(state).length : "x" in state);
    });

    lists.value = false;
    state["x"] = 1;

    expect(seen).toEqual([0, false, true]);
  });

  it("[R11] the same in a computed, of a Map", () => {
    const state = reactive(new Map<string, number>());
    const lists = signal(true);
    const found = computed(() => (lists.value ? state.size : state.has("x")));
    const seen: unknown[] = [found.value];

    lists.value = false;
    seen.push(found.value);
    state.set("x", 1);
    seen.push(found.value);

    expect(seen).toEqual([0, false, true]);
  });
});
