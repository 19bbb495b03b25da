// What every way of keeping a state in storage is measured through.
import type { State, Step, Workload } from "../workload.ts";

/** The operations that a store may use; `ctx.storage` has them. */
export interface StoreStorage {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  put(entries: Record<string, unknown>): Promise<void>;
  delete(key: string): Promise<boolean>;
}

export interface OpenStore {
  /** What handlers read and change. */
  readonly state: State;
  /** Whether the store notices this change by itself; if not, its keys are assigned again, as its users have to. */
  sees(step: Step): boolean;
  /** What has to be done at the end of a turn, if anything. */
  endTurn(index: number): void | Promise<void>;
}

export interface Store {
  readonly name: string;
  readonly title: string;
  open(storage: StoreStorage, workload: Workload): Promise<OpenStore>;
}

/** Runs one turn of the workload on an open store. */
export async function runTurn(store: OpenStore, workload: Workload, index: number): Promise<void> {
  for (const step of workload.turn(index)) runStep(store, step);
  await store.endTurn(index);
}

export function runStep(store: OpenStore, step: Step): void {
  const { state } = store;
  step.change(state);
  // `state.a++` on a top-level key is an assignment already.
  if (store.sees(step)) return;
  for (const key of step.keys) {
    const value = state[key];
    if (isObject(value)) state[key] = value;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
