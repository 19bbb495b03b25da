import { reactive, toRaw, isReactive } from "@dormouse/reactive";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { canonical, pairsBelow, runStep, startTrees, type Step, steps } from "../../support/programs.js";
import { RUNS } from "../../support/runs.js";

/** Long runs take longer. */
vi.setConfig({ testTimeout: 10_000 + RUNS * 20 });

const options = { aliases: true, objectKeys: true };

function checkEquivalence(
  newTree: () => object,
  program: readonly Step[],
  wrap: (tree: object) => object,
): void {
  const plain = newTree();
  const live = wrap(newTree());
  for (const step of program) {
    const [expected, found] = runStep(plain, live, step, options);
    // Before anything is read, which would put things right.
    expectNoProxies(toRaw(live));
    expect(canonical(found)).toBe(canonical(expected));
    expect(canonical(live)).toBe(canonical(plain));
  }
  expect(canonical(toRaw(live))).toBe(canonical(plain));
}

function expectNoProxies(raw: object): void {
  for (const { plain: inner } of pairsBelow(raw, raw)) expect(isReactive(inner)).toBe(false);
}

const copying = (tree: object): object =>
  new Proxy(tree, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      return Array.isArray(value) ? value.slice() : value;
    },
  });

describe("proxy and plain object", () => {
  it("[R10] any program gives the same results and the same tree", () => {
    fc.assert(
      fc.property(startTrees, steps(options), (newTree, program) =>
        checkEquivalence(newTree, program, reactive),
      ),
      { numRuns: RUNS },
    );
  });

  it("[R10] the law catches a proxy that hands out copies of arrays", () => {
    expect(() =>
      fc.assert(
        fc.property(startTrees, steps(options), (newTree, program) =>
          checkEquivalence(newTree, program, copying),
        ),
        { numRuns: RUNS },
      ),
    ).toThrow();
  });
});
