import { at, type Step, type Workload } from "../workload.ts";

const KEYS = ["a", "b", "c"] as const;

/** `writes` increments of each of `keys` keys in a turn. */
function counters(keyCount: 1 | 3, writes: number): Workload {
  const keys = KEYS.slice(0, keyCount);
  const step: Step = {
    keys,
    change(state) {
      for (const key of keys) state[key] = at<number>(state, key) + 1;
    },
  };
  const steps = Array.from({ length: writes }, () => step);
  return {
    name: `counters-${keyCount}x${writes}`,
    title: `${writes} ${writes === 1 ? "write" : "writes"} to ${keyCount === 1 ? "1 key" : "each of 3 keys"}`,
    initial: () => Object.fromEntries(keys.map((key) => [key, 0])),
    turns: 20,
    turn: () => steps,
    byHand: (_, state) => Object.fromEntries(keys.map((key) => [key, state[key]])),
    changed: (_, state) => keys.map((key) => state[key]),
  };
}

export const counterWorkloads = ([1, 3] as const).flatMap((keys) =>
  [1, 10, 100].map((writes) => counters(keys, writes)),
);

/** What is assigned is what was there. */
export const equalValues: Workload = {
  name: "equal-values",
  title: "the same value assigned 10 times",
  initial: () => ({ theme: "dark" }),
  turns: 20,
  turn: () =>
    Array.from({ length: 10 }, () => ({
      keys: ["theme"],
      change(state) {
        state["theme"] = "dark";
      },
    })),
  byHand: () => ({}),
  changed: () => [],
};
