import {
  applyPatches,
  batch,
  effect,
  type Patch,
  reactive,
  snapshot,
  toRaw,
  trackDirty,
  transaction,
  watch,
} from "@dormouse/reactive";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  canonical,
  focusedSteps,
  pairsBelow,
  runStep,
  startTree,
  type Step,
  steps,
} from "../../support/programs.js";
import { RUNS } from "../../support/runs.js";

/** Long runs take longer. */
vi.setConfig({ testTimeout: 10_000 + RUNS * 20 });

const everything = { aliases: true, objectKeys: true };
const namesOnly = { aliases: false, objectKeys: false };

/** Deep equality that doesn't look at the order of keys, which undoing a removal doesn't bring back. */
const unordered = (value: unknown) =>
  canonical(value)
    .split(/[,{}[\]|]/)
    .toSorted()
    .join();

function checkWatch(
  program: readonly Step[],
  perBatch: number,
  isTracked: boolean,
  tell: (patches: readonly Patch[]) => readonly Patch[],
): void {
  const plain = startTree();
  const live = reactive(startTree());
  // What is dirty already isn't noted again, and must be told all the same.
  const tracker = isTracked ? trackDirty(live) : undefined;
  const replica = structuredClone(toRaw(live));
  const undo: (readonly Patch[])[] = [];
  const texts: string[] = [];
  const stop = watch(live, (patches, inverse) => {
    applyPatches(replica, structuredClone(tell(patches)));
    undo.push(structuredClone(inverse));
  });
  for (let at = 0; at < program.length; at += perBatch) {
    const before = unordered(live);
    const exactly = canonical(live);
    const count = undo.length;
    const together = program.slice(at, at + perBatch);
    if (perBatch === 1) for (const step of together) runStep(plain, live, step, namesOnly);
    else batch(() => together.forEach((step) => runStep(plain, live, step, namesOnly)));
    expect(canonical(replica)).toBe(canonical(live));
    const isPrimitive = together.every(
      ({ value, other }) => value.kind === "primitive" && other.kind === "primitive",
    );
    if (perBatch === 1 && isPrimitive && canonical(live) === exactly) expect(undo).toHaveLength(count);
    // A step that tells several times is taken back as a whole.
    while (texts.length < undo.length) texts.push(before);
  }
  stop();
  tracker?.dispose();
  for (const [index, inverse] of [...undo.entries()].toReversed()) {
    applyPatches(replica, inverse);
    if (texts[index] !== texts[index - 1]) expect(unordered(replica)).toBe(texts[index]);
  }
}

function checkSnapshots(program: readonly Step[], isTracked: boolean): void {
  const plain = startTree();
  const live = reactive(startTree());
  const tracker = isTracked ? trackDirty(live) : undefined;
  const taken: [object, string][] = [];
  for (const step of program) {
    const before = snapshot(live);
    expect(snapshot(live)).toBe(before);
    const contents = new Map(
      pairsBelow(before, live).map(({ plain: copy, live: inner }) => [copy, canonical(inner)]),
    );
    runStep(plain, live, step, everything);
    const after = snapshot(live);
    expect(canonical(after, (object) => object)).toBe(canonical(live));
    taken.push([after, canonical(live)]);
    for (const { plain: copy } of pairsBelow(before, before)) {
      expect(Object.isFrozen(copy)).toBe(true);
    }
    // What is alike inside, and was one object before and after, is the same copy.
    for (const { plain: copy, live: inner } of pairsBelow(after, live)) {
      if (contents.has(copy)) expect(contents.get(copy)).toBe(canonical(inner));
    }
  }
  for (const [copy, text] of taken) expect(canonical(copy, (object) => object)).toBe(text);
  tracker?.dispose();
}

/** What a transaction inside the one that throws does. */
type Inner = "ends" | "throws";

function checkTransaction(
  before: readonly Step[],
  inside: readonly Step[],
  inner: Inner,
  isWatched: boolean,
  run: typeof transaction,
): void {
  const plain = startTree();
  const live = reactive(startTree());
  const tracker = trackDirty(live);
  let told = 0;
  // While nobody watches or takes snapshots, a key that was noted once isn't noted again.
  const stop = isWatched ? watch(live, () => told++) : () => {};
  for (const step of before) runStep(plain, live, step, everything);
  const copies = new Map(Object.keys(toRaw(live)).map((key) => [key, structuredClone(toRaw(live)[key])]));
  tracker.take();
  for (const step of before.slice(0, 2)) runStep(plain, live, step, everything);
  const text = canonical(live);
  const keys = [...tracker.keys()];
  const version = tracker.version.peek();
  let runs = 0;
  const stopEffect = effect(() => {
    canonical(live);
    void tracker.version.value;
    runs++;
  });
  told = 0;
  const failure = new Error("taken back");

  const shot = snapshot(live);
  const seen = new Set<object>();
  const runSteps = (from: number, to?: number) => {
    const scratch = structuredClone(toRaw(live));
    for (const step of inside.slice(from, to)) {
      runStep(scratch, live, step, everything);
      for (const { plain: found } of pairsBelow(toRaw(live), toRaw(live))) seen.add(found);
    }
  };
  const attempt = () => {
    runSteps(2, 4);
    if (inner === "throws") throw failure;
  };

  expect(() =>
    run(() => {
      runSteps(0, 2);
      const half = canonical(live);
      if (inner === "throws") {
        expect(() => run(attempt)).toThrow(failure);
        expect(canonical(live)).toBe(half);
      } else run(attempt);
      if (isWatched) expect(canonical(snapshot(live), (object) => object)).toBe(canonical(live));
      runSteps(4);
      throw failure;
    }),
  ).toThrow(failure);

  expect(canonical(live)).toBe(text);
  expect(canonical(toRaw(live))).toBe(text);
  expect([...tracker.keys()]).toEqual(keys);
  expect(tracker.version.peek()).toBe(version);
  expect([runs, told]).toEqual([1, 0]);
  if (isWatched) expect(canonical(snapshot(live), (object) => object)).toBe(text);
  expect(canonical(shot, (object) => object)).toBe(text);
  stopEffect();
  for (const step of [...inside.slice(0, 2), ...before.slice(0, 2)]) {
    runStep(structuredClone(toRaw(live)), live, step, everything);
  }
  for (const [key, { patches }] of tracker.take()) {
    const name = key as string;
    if (patches === null) copies.set(name, structuredClone(toRaw(live)[name]));
    else applyPatches(copies.get(name) as object, structuredClone(patches));
  }
  for (const key of Object.keys(toRaw(live))) {
    expect(canonical(copies.get(key))).toBe(canonical(structuredClone(toRaw(live)[key])));
  }
  // What came with the transaction only went with it.
  for (const { plain: found } of pairsBelow(toRaw(live), toRaw(live))) seen.delete(found);
  tracker.take();
  for (const lost of seen) {
    const shown = reactive(lost);
    if (shown instanceof Map || shown instanceof Set) shown.clear();
    else if (shown instanceof Date) shown.setTime(9);
    else Reflect.set(shown, "lost", {});
  }
  expect([tracker.keys().size, tracker.isDirty]).toEqual([0, false]);
  stop();
  tracker.dispose();
}

const inners = fc.constantFrom<Inner>("ends", "throws");

const drop = (patches: readonly Patch[]) => patches.filter(({ op }) => op !== "delete");

const careless: typeof transaction = (change) => change();

describe("watch", () => {
  it("[R12] patches replay to the same tree, and the inverse ones lead back", () => {
    fc.assert(
      fc.property(
        focusedSteps(namesOnly, 15),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        ([, program], perBatch, isTracked) => checkWatch(program, perBatch, isTracked, (patches) => patches),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R12] the law catches a watcher that drops removals", () => {
    expect(() =>
      fc.assert(
        fc.property(steps(namesOnly), (program) => checkWatch(program, 1, false, drop)),
        { numRuns: RUNS },
      ),
    ).toThrow();
  });
});

describe("snapshot", () => {
  it("[R13] equals the state, never changes, and shares what did not change", () => {
    fc.assert(
      fc.property(steps(everything, 6), fc.boolean(), (program, isTracked) =>
        checkSnapshots(program, isTracked),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R13] shares subtrees exactly where nothing changed", () => {
    const state = reactive({ a: { deep: [1] }, b: { deep: [{ n: 1 }, { n: 2 }] } });
    const before = snapshot(state);
    for (const item of state.b.deep.slice(0, 1)) item.n = 9;
    const after = snapshot(state);

    expect(after).not.toBe(before);
    expect(after.a).toBe(before.a);
    expect(after.b.deep[0]).not.toBe(before.b.deep[0]);
    expect(after.b.deep[1]).toBe(before.b.deep[1]);
    expect(before.b.deep[0]).toEqual({ n: 1 });
  });
});

describe("transaction", () => {
  it("[R14] that throws leaves everything as it was, and notifies nobody", () => {
    fc.assert(
      fc.property(
        steps(everything, 5),
        focusedSteps(everything, 6),
        inners,
        fc.boolean(),
        (before, [, inside], inner, isWatched) =>
          checkTransaction(before, inside, inner, isWatched, transaction),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R14] the law catches a transaction that takes nothing back", () => {
    expect(() =>
      fc.assert(
        fc.property(steps(everything, 5), steps(everything, 6), inners, (before, inside, inner) =>
          checkTransaction(before, inside, inner, false, careless),
        ),
        { numRuns: RUNS },
      ),
    ).toThrow();
  });
});
