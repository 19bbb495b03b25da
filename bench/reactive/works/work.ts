import type { Cell } from "../../harness/sample.ts";
import type { Engine, Items, Path } from "../engine.ts";

export interface TimedWork {
  readonly kind: "time";
  readonly name: string;
  readonly title: string;
  /** What one number is the cost of. */
  readonly unit: string;
  setup(engine: Engine): Cell;
}

export interface MemoryWork {
  readonly kind: "memory";
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** Bytes a unit. */
  measure(engine: Engine): number;
}

export type Work = TimedWork | MemoryWork;

export function expect(what: string, found: unknown, wanted: unknown): void {
  if (!Object.is(found, wanted))
    throw new Error(`[bench] ${what}: found ${String(found)}, wanted ${String(wanted)}`);
}

export const ITEM_COUNT = 1_000;

export function makePath(value: number): Path {
  return { tick: 0, a: { b: { c: { d: value } } } };
}

export function makeItems(count = ITEM_COUNT): Items {
  return { tick: 0, list: Array.from({ length: count }, (_, id) => ({ id, v: id % 7 })) };
}

/** The sum of `v` over `makeItems()`. */
export const ITEMS_SUM = makeItems().list.reduce((sum, item) => sum + item.v, 0);

/**
 * Runs `body` inside an effect whenever `state.tick` moves, so that one call of the returned function is one re-run.
 * An engine without effects runs the body directly.
 */
export function inEffect(engine: Engine, state: { tick: number }, body: () => void): () => void {
  const { access } = engine;
  if (!engine.effect) return body;
  let runs = 0;
  engine.effect(() => {
    access.tick(state);
    runs++;
    body();
  }, state);
  let tick = 0;
  access.setTick(state, ++tick);
  if (runs !== 2) throw new Error(`[bench] ${engine.name}: the effect ran ${runs} times where 2 were due`);
  return () => access.setTick(state, ++tick);
}
