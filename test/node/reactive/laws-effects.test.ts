import { computed, effect, reactive } from "@dormouse/reactive";
import { computed as rawComputed, effect as rawEffect } from "@preact/signals-core";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  canonical,
  type Pair,
  pairsBelow,
  runStep,
  startTrees,
  type Step,
  focusedSteps,
} from "../../support/programs.js";
import { RUNS } from "../../support/runs.js";

/** Long runs take longer. */
vi.setConfig({ testTimeout: 10_000 + RUNS * 20 });

const options = { aliases: true, objectKeys: true };

interface Read {
  /** Which container; undefined: that on which the program works most. */
  readonly pick: number | undefined;
  readonly action: number;
  readonly key: number;
}

const reads = fc.array(
  fc.record({
    pick: fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 1 }),
    action: fc.nat({ max: 100 }),
    key: fc.nat({ max: 3 }),
  }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

type Reader = (container: never, key: number) => unknown;

const objectReaders: Reader[] = [
  (container: Record<string, unknown>, key) => container[`k${key}`],
  (container: object, key) => `k${key}` in container,
  (container: object) => Object.keys(container),
  (container: object, key) => Object.hasOwn(container, `k${key}`),
  (container: object) => ({ ...container }),
];
const arrayReaders: Reader[] = [
  (container: unknown[], key) => container[key],
  (container: unknown[]) => container.length,
  (container: unknown[], key) => key in container,
  (container: unknown[]) => [...container.keys()],
  // The keys are followed by what could change them; with holes, a move could.
  (container: unknown[]) => [Object.keys(container), container.slice()],
  // Iterating an array follows its holes, too, which slice() shows.
  (container: unknown[]) => [[...container].length, container.slice()],
  (container: unknown[]) => container.map((item) => item),
  (container: unknown[]) => [container.includes(1), container.slice()],
];
const mapReaders: Reader[] = [
  (container: Map<unknown, unknown>, key) => container.get(key),
  (container: Map<unknown, unknown>, key) => container.has(key),
  (container: Map<unknown, unknown>) => container.size,
  (container: Map<unknown, unknown>) => [...container.keys()],
  (container: Map<unknown, unknown>) => [...container],
];
const setReaders: Reader[] = [
  (container: Set<unknown>, key) => container.has(key),
  (container: Set<unknown>) => container.size,
  (container: Set<unknown>) => [...container],
];
const dateReaders: Reader[] = [
  (container: Date) => container.getTime(),
  (container: Date) => container.toISOString(),
];

function readersOf(container: object): Reader[] {
  if (Array.isArray(container)) return arrayReaders;
  if (container instanceof Map) return mapReaders;
  if (container instanceof Set) return setReaders;
  return container instanceof Date ? dateReaders : objectReaders;
}

const runReads = (targets: readonly object[], program: readonly Read[]): unknown[] =>
  program.map((read, index) => {
    const container = targets[index] as object;
    const readers = readersOf(container);
    const reader = readers[read.action % readers.length] as (container: object, key: number) => unknown;
    return reader(container, read.key);
  });

/** What a reader saw: objects by identity, Dates by their time as well, which is read with them. */
function observed(values: readonly unknown[], ids: Map<object, number>): string {
  const write = (value: unknown, isInner: boolean): string => {
    if (typeof value !== "object" || value === null) return canonical(value);
    if (!isInner || (Array.isArray(value) && !ids.has(value))) {
      const items: unknown[] = Array.isArray(value) ? value : Object.entries(value);
      return `(${Array.from(items, (item, index) => (index in items ? write(item, true) : "hole")).join()})`;
    }
    const id = ids.get(value) ?? ids.size;
    ids.set(value, id);
    return value instanceof Date ? `#${id}@${value.getTime()}` : `#${id}`;
  };
  return values
    .map((value) => (isContainer(value, ids) ? write(value, true) : write(value, false)))
    .join(";");
}

const isContainer = (value: unknown, ids: Map<object, number>) =>
  typeof value === "object" && value !== null && (ids.has(value) || value instanceof Date);

function checkEffects(
  newTree: () => object,
  reading: readonly Read[],
  [focus, program]: readonly [number, readonly Step[]],
  follow: (run: () => void) => () => void,
): void {
  const plain = newTree();
  const live = reactive(newTree());
  const pairs = pairsBelow(plain, live);
  const targets = reading.map(({ pick = focus }) => pairs[pick % pairs.length] as Pair);
  const ids = new Map<object, number>();
  const register = () => {
    for (const pair of pairsBelow(plain, live)) if (!ids.has(pair.plain)) ids.set(pair.plain, ids.size);
  };
  register();
  let runs = 0;
  const stop = follow(() => {
    runReads(
      targets.map((pair) => pair.live),
      reading,
    );
    runs++;
  });
  const see = () => {
    register();
    return observed(
      runReads(
        targets.map((pair) => pair.plain),
        reading,
      ),
      ids,
    );
  };
  for (const step of program) {
    const before = see();
    const runsBefore = runs;
    runStep(plain, live, step, options);
    const after = see();
    expect(runs > runsBefore ? "ran" : "slept", `${before} to ${after}`).toBe(
      after === before ? "slept" : "ran",
    );
  }
  stop();
}

const deaf = (run: () => void) => {
  run();
  return () => {};
};

describe("effects", () => {
  it("[R2] [R11] an effect re-runs exactly if something it read changed", () => {
    fc.assert(
      fc.property(startTrees, reads, focusedSteps(options, 8), (newTree, reading, program) =>
        checkEffects(newTree, reading, program, effect),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R11] the same through computeds, and consumers made by signals-core itself", () => {
    let computedRuns = 0;
    const throughComputed = (run: () => void) => {
      const inner = rawComputed(() => {
        run();
        return computedRuns++;
      });
      const outer = computed(() => inner.value);
      return rawEffect(() => void outer.value);
    };

    fc.assert(
      fc.property(startTrees, reads, focusedSteps(options, 8), (newTree, reading, program) =>
        checkEffects(newTree, reading, program, throughComputed),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R11] the law catches an effect that follows too little, and one that follows too much", () => {
    expect(() =>
      fc.assert(
        fc.property(startTrees, reads, focusedSteps(options, 8), (newTree, reading, program) =>
          checkEffects(newTree, reading, program, deaf),
        ),
        {
          numRuns: RUNS,
        },
      ),
    ).toThrow();
  });
});
