import { applyPatches, type DirtyTracker, reactive, toRaw, trackDirty } from "@dormouse/reactive";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  canonical,
  focusedSteps,
  pairsBelow,
  runStep,
  startTree,
  startTrees,
  type Step,
  steps,
} from "../../support/programs.js";
import { RUNS } from "../../support/runs.js";

/** Long runs take longer. */
vi.setConfig({ testTimeout: 10_000 + RUNS * 20 });

const options = { aliases: true, objectKeys: true };
const programs = fc.array(
  fc.oneof(
    steps(options, 6),
    focusedSteps(options, 6).map(([, program]) => program),
  ),
  { maxLength: 4 },
);

/** Some of the top-level keys, which alone are followed. */
const someKeys = fc.subarray(Object.keys(startTree()));

/** A store that only ever sees what a tracker tells, like persistence. */
class Copies {
  readonly #byKey = new Map<PropertyKey, unknown>();

  constructor(
    readonly root: Record<PropertyKey, unknown>,
    readonly only?: readonly string[],
  ) {
    for (const key of this.#keys()) this.#byKey.set(key, structuredClone(root[key]));
  }

  #keys(): string[] {
    return Object.keys(this.root).filter((key) => this.only?.includes(key) !== false);
  }

  update(tracker: DirtyTracker): void {
    for (const [key, { patches }] of tracker.take()) {
      if (!Object.hasOwn(this.root, key)) this.#byKey.delete(key);
      else if (patches === null) this.#byKey.set(key, structuredClone(this.root[key]));
      else applyPatches(this.#byKey.get(key) as object, structuredClone(patches));
    }
  }

  check(): void {
    expect([...this.#byKey.keys()].toSorted()).toEqual(this.#keys().toSorted());
    for (const [key, copy] of this.#byKey) {
      expect(`${String(key)}: ${canonical(copy)}`).toBe(
        `${String(key)}: ${canonical(structuredClone(this.root[key]))}`,
      );
    }
  }
}

function checkPatches(
  newTree: () => Record<string, unknown>,
  program: readonly Step[][],
  weaken: (tracker: DirtyTracker) => DirtyTracker,
  keys?: readonly string[],
): void {
  const plain = newTree();
  const live = reactive(newTree());
  const copies = new Copies(toRaw(live), keys);
  const tracker = weaken(trackDirty(live, { keys }));
  for (const turn of program) {
    for (const step of turn) runStep(plain, live, step, options);
    copies.update(tracker);
    copies.check();
  }
  tracker.dispose();
}

/** The top-level keys of `root` below which `target` stands. */
function keysAbove(root: Record<PropertyKey, unknown>, target: object): PropertyKey[] {
  return Object.keys(root).filter((key) => {
    const value = root[key];
    return (
      typeof value === "object" &&
      value !== null &&
      pairsBelow(value, value).some(({ plain }) => plain === target)
    );
  });
}

function change(container: object, n: number): void {
  if (container instanceof Map) container.set("poked", n);
  else if (container instanceof Set) container.add(`poked ${n}`);
  else if (container instanceof Date) container.setTime(container.getTime() + 1);
  else Object.assign(container, { poked: n });
}

/** Whatever the program did, a change is told of exactly those keys below which it is. */
function checkReach(
  program: readonly Step[],
  isTaking: boolean,
  weaken: (value: object) => object,
  keys?: readonly string[],
): void {
  const plain = startTree();
  const live = reactive(startTree());
  const root = toRaw(live);
  const tracker = trackDirty(live, { keys });
  const seen = new Set<object>();
  const look = () => {
    for (const { plain: inner } of pairsBelow(root, root)) seen.add(inner);
  };
  look();
  for (const step of program) {
    runStep(plain, live, step, options);
    look();
    if (isTaking) tracker.take();
  }
  tracker.take();
  seen.delete(root);
  for (const [index, inner] of [...seen].entries()) {
    if (inner instanceof Date && Number.isNaN(inner.getTime())) continue;
    const expected = keysAbove(root, inner).filter((key) => keys?.includes(key as string) !== false);
    change(weaken(inner), index);
    expect([...tracker.keys()].toSorted()).toEqual(expected.toSorted());
    tracker.take();
  }
  tracker.dispose();
}

const forgetful = (tracker: DirtyTracker): DirtyTracker => ({
  ...tracker,
  take: () => new Map([...tracker.take()].slice(0, 1)),
});

describe("dirty tracking", () => {
  it("[R4] [R9] what take() tells turns a copy at the last take into a copy of now, shared references included", () => {
    fc.assert(
      fc.property(startTrees, programs, (newTree, program) =>
        checkPatches(newTree, program, (tracker) => tracker),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R4] [R5] a change marks the keys below which it is, however it came there, and of what was dropped none", () => {
    fc.assert(
      fc.property(steps(options, 8), fc.boolean(), (program, isTaking) =>
        checkReach(program, isTaking, reactive),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R26] both hold of some of the keys alone", () => {
    fc.assert(
      fc.property(startTrees, programs, someKeys, (newTree, program, keys) =>
        checkPatches(newTree, program, (tracker) => tracker, keys),
      ),
      { numRuns: RUNS },
    );
    fc.assert(
      fc.property(steps(options, 8), fc.boolean(), someKeys, (program, isTaking, keys) =>
        checkReach(program, isTaking, reactive, keys),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R5] the law catches a change that is made behind the proxies' back", () => {
    expect(() =>
      fc.assert(
        fc.property(steps(options, 8), (program) => checkReach(program, false, (value) => value)),
        { numRuns: RUNS },
      ),
    ).toThrow();
  });

  it("[R9] the law catches a tracker that forgets keys under which a changed object stands a second time", () => {
    expect(() =>
      fc.assert(
        fc.property(startTrees, programs, (newTree, program) => checkPatches(newTree, program, forgetful)),
        { numRuns: RUNS },
      ),
    ).toThrow();
  });
});
