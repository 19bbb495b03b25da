// Counts and times one workload on one store, inside a Durable Object.
import { cloneSize } from "./clone-size.ts";
import { countStorage, rowsWritten, type CountedStorage } from "./count-storage.ts";
import { deepEqual } from "./deep-equal.ts";
import { runTurn, type OpenStore, type Store, type StoreStorage } from "./stores/store.ts";
import { finalState, type Workload } from "./workload.ts";

/** The part of a SQLite-backed object's `ctx.storage` that measuring needs. */
export interface MeasuredStorage extends StoreStorage, CountedStorage {
  readonly sql: { exec(query: string): { one(): unknown } };
  sync(): Promise<void>;
}

export interface WriteCounts {
  readonly turns: number;
  /** Single assignments and calls, all turns together. */
  readonly steps: number;
  readonly puts: number;
  /** Rows written, by SQLite's own count. */
  readonly rows: number;
  /** Bytes of keys and values handed to storage. */
  readonly bytes: number;
  readonly deletes: number;
  /** Bytes of the values that were different at the end of their turn. */
  readonly changedBytes: number;
  /** What the first turn took beyond that, as when a record about the format is written once. */
  readonly first: { readonly puts: number; readonly rows: number; readonly bytes: number };
}

/** Ends the turn as the platform does: microtasks, then the next event. */
const nextTurn = () => new Promise<void>((resolve) => void setTimeout(resolve, 0));

/** Runs the workload, one event a turn, and counts what reaches storage. Throws if the state is not as it should be at the end. */
export async function countWrites(
  storage: MeasuredStorage,
  store: Store,
  workload: Workload,
): Promise<WriteCounts> {
  // Before the store takes hold of the storage's methods.
  const counts = countStorage(storage);
  const open = await store.open(storage, workload);
  const read = () => ({ ...counts, rows: rowsWritten(storage.sql) });

  const zero = read();
  await runTurn(open, workload, 0);
  await nextTurn();
  const start = read();

  let steps = 0;
  let changedBytes = 0;
  const plain = workload.initial();
  for (const step of workload.turn(0)) step.change(plain);
  for (let index = 1; index <= workload.turns; index++) {
    await runTurn(open, workload, index);
    await nextTurn();
    for (const step of workload.turn(index)) {
      step.change(plain);
      steps++;
    }
    for (const value of workload.changed(index, plain))
      changedBytes += cloneSize(value) - cloneSize(undefined) + 1;
  }
  const end = read();
  verify(store, open, workload);

  return {
    turns: workload.turns,
    steps,
    puts: end.puts - start.puts,
    rows: end.rows - start.rows,
    bytes: end.bytes - start.bytes,
    deletes: end.deletes - start.deletes,
    changedBytes,
    first: { puts: start.puts - zero.puts, rows: start.rows - zero.rows, bytes: start.bytes - zero.bytes },
  };
}

function verify(store: Store, open: OpenStore, workload: Workload): void {
  if (!deepEqual({ ...open.state }, finalState(workload))) {
    throw new Error(`[bench] ${store.name} does not hold the state of ${workload.name} at the end`);
  }
}

/** Whether a store opened on what `countWrites` left restores that state; `undefined` where restoring is the program's own work. */
export async function checkRestored(
  storage: MeasuredStorage,
  store: Store,
  workload: Workload,
): Promise<boolean | undefined> {
  if (store.name === "by-hand") return undefined;
  const { state } = await store.open(storage, workload);
  return deepEqual({ ...state }, finalState(workload));
}

/** Microtasks within which a store that flushes at the end of the turn has submitted its put. */
const FLUSH_MICROTASKS = 12;

export interface WriteTime {
  readonly turns: number;
  readonly ms: number;
}

/**
 * Time from the start of a turn until its writes have been submitted, over many turns; commits are not part of it. The
 * workload's turns are run again and again, each time on a fresh state, until `minimumMs` have passed.
 */
export async function timeWrites(
  storage: MeasuredStorage,
  store: Store,
  workload: Workload,
  minimumMs: number,
): Promise<WriteTime> {
  let turns = 0;
  let ms = 0;
  for (let round = 0; ms < minimumMs && round < 200; round++) {
    const open = await store.open(storage, workload);
    await runTurn(open, workload, 0);
    await nextTurn();
    const begin = performance.now();
    for (let index = 1; index <= workload.turns; index++) {
      await runTurn(open, workload, index);
      for (let i = 0; i < FLUSH_MICROTASKS; i++) await undefined;
    }
    ms += performance.now() - begin;
    turns += workload.turns;
    await storage.sync();
  }
  return { turns, ms };
}
