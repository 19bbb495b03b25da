// A workload is a state and what happens to it, turn by turn; the same for every store.

export type State = Record<string, unknown>;

/** One statement of a handler. */
export interface Step {
  /** The top-level keys it changes. */
  readonly keys: readonly string[];
  /** Changes the state in place, at any depth. */
  change(state: State): void;
  /** Whether the change is made inside an array, where the per-write model sees nothing. */
  readonly insideArray?: boolean;
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** A fresh state; two calls share nothing. */
  initial(): State;
  /** Turns to run; each is one handler, or one tick. The turn 0 comes first and is not counted. */
  readonly turns: number;
  /** The statements of turn `index`, in order. */
  turn(index: number): readonly Step[];
  /** The rows a careful programmer puts, in one call, at the end of turn `index`: only the records that changed. */
  byHand(index: number, state: State): Record<string, unknown>;
  /** The values that are different after turn `index`: what had to be written at the very least. */
  changed(index: number, state: State): readonly unknown[];
}

/** Small deterministic pseudo-random integers: `below(n)` is in 0 … n-1. */
export function random(seed: number): { below(limit: number): number } {
  let state = seed >>> 0;
  return {
    below(limit) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    },
  };
}

/** The state after every turn, on plain objects. */
export function finalState(workload: Workload): State {
  const state = workload.initial();
  for (let index = 0; index <= workload.turns; index++)
    for (const step of workload.turn(index)) step.change(state);
  return state;
}

/** Turns the object under `key` into a `T`: a workload knows what it put there. */
export function at<T>(state: State, key: string): T {
  return state[key] as T;
}
