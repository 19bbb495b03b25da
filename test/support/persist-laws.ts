import { persisted, type PersistedOptions, type PersistedStore } from "@dormouse/do-runtime";
import {
  memoryStorage,
  type MemoryStorage,
  type MemoryStorageOptions,
  type StorageCall,
} from "@dormouse/do-runtime/testing";
import * as fc from "fast-check";
import { toRaw } from "@dormouse/reactive";
import { difference } from "./difference.ts";
import { type Board, changes, newBoard, PERSISTED, programs, type Turn } from "./boards.ts";

/** What the laws are asked of: ours, or a double that breaks one of them. */
export interface System {
  readonly storage: (options: MemoryStorageOptions) => MemoryStorage;
  readonly open: (storage: MemoryStorage, options: PersistedOptions<Board>) => Promise<PersistedStore<Board>>;
}

export const ours: System = { storage: memoryStorage, open: persisted };

/** Layout, commit and mode: every law holds in all of them. */
export interface Setting {
  readonly layout: "keys" | "log";
  readonly commit: "turn" | "group";
}

export const settings: fc.Arbitrary<Setting> = fc.record({
  layout: fc.constantFrom("keys", "log"),
  commit: fc.constantFrom("turn", "group"),
});

/** What an object's storage may be backed by. */
export type Backend = "sqlite" | "kv";

export const backends: fc.Arbitrary<Backend> = fc.constantFrom("sqlite", "kv");

/** The event loop's next turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Options for a store of boards that reports nothing and throws nothing. */
export function optionsFor(
  setting: Setting,
  more: Partial<PersistedOptions<Board>> = {},
): PersistedOptions<Board> {
  return {
    ...setting,
    state: newBoard,
    persistedKeys: PERSISTED,
    persistOptions: { shallow: false, throwOnError: false },
    onPersistError: () => {},
    ...more,
  };
}

/** The persisted part, each key by itself: references between keys are not kept. */
export function snapshot(state: Board): Board {
  const copy = newBoard();
  for (const key of PERSISTED) {
    if (Object.hasOwn(state, key))
      (copy as unknown as Record<string, unknown>)[key] = structuredClone(toRaw(state)[key]);
    else delete copy[key as "free"];
  }
  return copy;
}

function sameBoard(found: Board, expected: Board): string | undefined {
  for (const key of [...PERSISTED, "online"] as const) {
    if (Object.hasOwn(found, key) !== Object.hasOwn(expected, key)) return `${key}: there in one only`;
    const at = difference(raw(found[key]), raw(expected[key]));
    if (at !== undefined) return `${key}: ${at}`;
  }
  return undefined;
}

// A clone of a facade (a reactive Map, a Date) would be empty: the raw tree is what was restored.
const raw = (value: unknown): unknown => structuredClone(toRaw(value));

/** Throws where the persisted keys differ. */
export function expectSame(found: Board, expected: Board, when: string): void {
  const at = sameBoard(found, expected);
  if (at !== undefined) throw new Error(`${when}: ${at}`);
}

/** Law 1: after any program and a flush, a fresh object over the same storage has the state of the old one. */
export const restores = (system: System): fc.IAsyncProperty<[Setting, Backend, readonly Turn[]]> =>
  fc.asyncProperty(settings, backends, programs, async (setting, backend, program) => {
    let storage = system.storage({ backend });
    let store = await system.open(storage, optionsFor(setting));
    let model = newBoard();
    for (const { changes, end } of program) {
      for (const { apply } of changes) {
        apply(store.state);
        apply(model);
      }
      if (end === "next") await nextTurn();
      else await store.flush();
      if (end !== "wake") continue;
      storage = storage.restart();
      store = await system.open(storage, optionsFor(setting));
      model = snapshot(model);
      expectSame(store.state, model, "after a wake");
    }
    await store.flush();
    const again = await system.open(
      storage.restart(),
      optionsFor({ ...setting, layout: otherLayout(setting) }),
    );
    expectSame(again.state, snapshot(model), "at the end, in the other layout");
  });

const otherLayout = ({ layout }: Setting): "keys" | "log" => (layout === "keys" ? "log" : "keys");

/** Law 2: a turn makes at most one put, with each changed key once and no other; what changed nothing is not put. */
export const coalesces = (system: System): fc.IAsyncProperty<[Setting, Backend, readonly Turn[]]> =>
  fc.asyncProperty(settings, backends, programs, async (setting, backend, program) => {
    const storage = system.storage({ backend });
    const store = await system.open(storage, optionsFor(setting));
    let before = snapshot(store.state);
    for (const { changes } of program) {
      const { puts } = storage.counts;
      const { keys } = store.stats;
      for (const { apply } of changes) apply(store.state);
      await nextTurn();
      await nextTurn();
      const after = snapshot(store.state);
      const changed = PERSISTED.filter(
        (key) =>
          difference(before[key], after[key]) !== undefined ||
          Object.hasOwn(before, key) !== Object.hasOwn(after, key),
      );
      const calls = storage.counts.puts - puts;
      if (changed.length > 0 && calls === 0)
        throw new Error(`nothing was written though ${changed.join()} changed`);
      if (store.stats.keys - keys > PERSISTED.length)
        throw new Error(`${store.stats.keys - keys} keys were written`);
      if (store.stats.puts !== store.stats.flushes) throw new Error("more writes than flushes");
      if (calls > 1 && setting.layout === "log") throw new Error(`${calls} puts in one turn`);
      const online = [...storage.rows().keys()].filter((row) => row.includes("online"));
      if (online.length > 0) throw new Error(`stored ${online.join()}`);
      before = after;
    }
    const { puts } = storage.counts;
    const { step, text } = store.state;
    Object.assign(store.state, { step, text });
    store.state.text = "changed";
    store.state.text = text;
    await nextTurn();
    if (storage.counts.puts !== puts) throw new Error("the same values were written again");
  });

/** Law 3: in shallow mode what a wake finds of a key is its value at the last flush after an assignment to it. */
export const isShallow = (system: System): fc.IAsyncProperty<[Setting, Backend, readonly Turn[]]> =>
  fc.asyncProperty(settings, backends, programs, async (setting, backend, program) => {
    const storage = system.storage({ backend });
    const options = optionsFor(setting, { persistOptions: { shallow: true, throwOnError: false } });
    const store = await system.open(storage, options);
    const stored = newBoard() as unknown as Record<string, unknown>;
    for (const { changes } of program) {
      for (const { apply, name } of changes) {
        apply(store.state);
        // The first of the turn's changes, again as an assignment.
        if (name.startsWith("push")) store.state.list = store.state.list.slice();
      }
      await store.flush();
      const assigned = changes.flatMap(({ name }) => assignedKey(name));
      for (const key of assigned) {
        if (Object.hasOwn(store.state, key))
          stored[key] = structuredClone(toRaw(store.state)[key as keyof Board]);
        else delete stored[key];
      }
    }
    const again = await system.open(storage.restart(), options);
    expectSame(again.state, stored as unknown as Board, "after a wake");
  });

function assignedKey(name: string): string[] {
  if (name.startsWith("text =")) return ["text"];
  if (name.startsWith("free =") || name === "delete free") return ["free"];
  if (name.startsWith("list =") || name.startsWith("push")) return ["list"];
  return [];
}

/** Runs a program until the power goes; answers every state that was flushed, and the last step that was acknowledged. */
async function runUntilCut(
  system: System,
  setting: Setting,
  backend: Backend,
  program: readonly Turn[],
  operations: number,
): Promise<{ readonly flushed: Board[]; readonly acknowledged: number; readonly storage: MemoryStorage }> {
  const storage = system.storage({ backend });
  const flushed = [newBoard()];
  let state: Board | undefined;
  const onFlush = (): void => void (state !== undefined && flushed.push(snapshot(state)));
  const store = await system.open(storage, optionsFor(setting, { onFlush }));
  state = store.state;
  storage.cutPowerAfter(operations);
  for (const { changes, sends, end } of program) {
    store.state.step++;
    for (const { apply } of changes) apply(store.state);
    const { step } = store.state;
    if (sends) {
      // A raw send where the gate is taken at the first change; behind the flush otherwise.
      if (setting.commit === "turn" && backend === "sqlite") storage.send(step);
      else void store.beforeSend()?.then(() => storage.send(step), ignore);
    }
    if (end === "flush") await store.flush().then(() => storage.send(step), ignore);
    else await nextTurn();
  }
  await nextTurn();
  await nextTurn();
  const acknowledged = Math.max(0, ...(storage.delivered as number[]));
  return { flushed, acknowledged, storage };
}

const ignore = (): void => {};

/** Law 4: wherever the power is cut, a wake finds the state of some flush. Law 5: and none older than what was acknowledged. */
export const survivesCuts = (
  system: System,
): fc.IAsyncProperty<[Setting, Backend, readonly Turn[], number]> =>
  fc.asyncProperty(
    settings,
    backends,
    programs,
    fc.nat(12),
    async (setting, backend, program, operations) => {
      const { flushed, acknowledged, storage } = await runUntilCut(
        system,
        setting,
        backend,
        program,
        operations,
      );
      const { state } = await system.open(storage.restart(), optionsFor(setting));
      const found = flushed.findLast((board) => sameBoard(state, board) === undefined);
      if (found === undefined)
        throw new Error(`the state of no flush: ${fc.stringify(storage.restart().rows())}`);
      if (found.step < acknowledged)
        throw new Error(`step ${acknowledged} was acknowledged, step ${found.step} is stored`);
    },
  );

const failing = fc.infiniteStream(fc.boolean());

/** Law 6: whatever calls fail, a wake finds the state of some flush, and once storage works again a flush makes it equal to memory. */
export const recovers = (
  system: System,
): fc.IAsyncProperty<[Setting, Backend, readonly Turn[], fc.Stream<boolean>]> =>
  fc.asyncProperty(settings, backends, programs, failing, async (setting, backend, program, faults) => {
    const storage = system.storage({ backend });
    const flushed = [newBoard()];
    const onFlush = (): void => void flushed.push(snapshot(store.state));
    const store = await system.open(storage, optionsFor(setting, { onFlush }));
    const fails = ({ method }: StorageCall): boolean => method === "put" && faults.next().value === true;
    for (const { changes, end } of program) {
      storage.failWhen(fails);
      for (const { apply } of changes) apply(store.state);
      if (end === "next") await nextTurn();
      else await store.flush();
    }
    // A KV-backed object's puts and deletes are calls of their own.
    if (backend === "sqlite") {
      await nextTurn();
      await nextTurn();
      const { state } = await system.open(storage.restart(), optionsFor(setting));
      if (!flushed.some((board) => sameBoard(state, board) === undefined))
        throw new Error(`the state of no flush: ${fc.stringify(storage.restart().rows())}`);
    }
    storage.failWhen(() => false);
    await store.flush();
    const again = await system.open(storage.restart(), optionsFor(setting));
    expectSame(again.state, snapshot(store.state), "after the faults");
  });

/** Law 7: what one object does another never sees, nor do the defaults. */
export const isolates = (system: System): fc.IAsyncProperty<[Setting, Backend, readonly Turn[]]> =>
  fc.asyncProperty(settings, backends, programs, async (setting, backend, program) => {
    const defaults = newBoard();
    const options = optionsFor(setting, { state: defaults });
    const [one, other] = [
      await system.open(system.storage({ backend }), options),
      await system.open(system.storage({ backend }), options),
    ];
    for (const { changes } of program) for (const { apply } of changes) apply(one.state);
    await one.flush();
    expectSame(other.state, newBoard(), "the other object");
    expectSame(defaults, newBoard(), "the defaults");
  });

/** Law 8: whatever part of the flushes is there, a wake finds the state at the last of them, checkpoints or not. */
export const replays = (
  system: System,
): fc.IAsyncProperty<[Backend, readonly (readonly { apply(state: Board): void }[])[]]> =>
  fc.asyncProperty(
    backends,
    fc.array(fc.array(changes, { minLength: 1, maxLength: 2 }), { minLength: 30, maxLength: 80 }),
    async (backend, flushes) => {
      const setting: Setting = { layout: "log", commit: "turn" };
      const storage = system.storage({ backend });
      const store = await system.open(storage, optionsFor(setting));
      for (const [index, turn] of flushes.entries()) {
        store.state.step++;
        for (const { apply } of turn) apply(store.state);
        await store.flush();
        // Looking at each prefix takes long: at one in seven, and at those around the folds.
        if (index % 7 !== 0 && index % 28 > 1 && index !== flushes.length - 1) continue;
        const { state } = await system.open(storage.restart(), optionsFor(setting));
        expectSame(state, snapshot(store.state), `after flush ${index}`);
      }
      // All of this took microtasks only: what waits for a turn of the event loop would pile up over the runs.
      await nextTurn();
    },
  );
