import { applyPatches, type DirtyTracker, reactive, toRaw, trackDirty } from "@dormouse/reactive";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { canonical, runStep, startTree, type Step, steps } from "../../support/programs.js";
import { RUNS } from "../../support/runs.js";

/** Long runs take longer. */
vi.setConfig({ testTimeout: 10_000 + RUNS * 20 });

const options = { aliases: true, objectKeys: true };
const programs = fc.array(steps(options, 6), { maxLength: 4 });

/** A store that only ever sees what a tracker tells, like persistence. */
class Copies {
  readonly #byKey = new Map<PropertyKey, unknown>();

  constructor(readonly root: Record<PropertyKey, unknown>) {
    for (const key of Object.keys(root)) this.#byKey.set(key, structuredClone(root[key]));
  }

  update(tracker: DirtyTracker): void {
    for (const [key, { patches }] of tracker.take()) {
      if (!Object.hasOwn(this.root, key)) this.#byKey.delete(key);
      else if (patches === null) this.#byKey.set(key, structuredClone(this.root[key]));
      else applyPatches(this.#byKey.get(key) as object, structuredClone(patches));
    }
  }

  check(): void {
    expect([...this.#byKey.keys()].toSorted()).toEqual(Object.keys(this.root).toSorted());
    for (const [key, copy] of this.#byKey) {
      expect(`${String(key)}: ${canonical(copy)}`).toBe(
        `${String(key)}: ${canonical(structuredClone(this.root[key]))}`,
      );
    }
  }
}

function checkPatches(program: readonly Step[][], weaken: (tracker: DirtyTracker) => DirtyTracker): void {
  const plain = startTree();
  const live = reactive(startTree());
  const copies = new Copies(toRaw(live));
  const tracker = weaken(trackDirty(live));
  for (const turn of program) {
    for (const step of turn) runStep(plain, live, step, options);
    copies.update(tracker);
    copies.check();
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
      fc.property(programs, (program) => checkPatches(program, (tracker) => tracker)),
      { numRuns: RUNS },
    );
  });

  it("[R9] the law catches a tracker that forgets keys under which a changed object stands a second time", () => {
    expect(() =>
      fc.assert(
        fc.property(programs, (program) => checkPatches(program, forgetful)),
        { numRuns: RUNS },
      ),
    ).toThrow();
  });
});
