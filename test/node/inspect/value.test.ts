import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../support/runs.ts";
import { inspectValue } from "../../../packages/do-runtime/src/inspect-value.ts";

describe("inspectValue", () => {
  it.each([
    [undefined, { $undefined: true }],
    [12n, { $BigInt: "12" }],
    [Number.NaN, { $number: "NaN" }],
    [-0, { $number: "-0" }],
    [new Date(0), { $Date: "1970-01-01T00:00:00.000Z" }],
    [new Date(Number.NaN), { $Date: "invalid" }],
    [/a+/g, { $RegExp: "/a+/g" }],
    [new TypeError("no"), { $Error: "TypeError: no" }],
    [new Uint8Array(3), { $Uint8Array: 3 }],
    [
      new Map<unknown, unknown>([
        ["a", 1],
        [{ b: 2 }, 3],
      ]),
      {
        $Map: [
          ["a", 1],
          [{ b: 2 }, 3],
        ],
      },
    ],
    [new Set([1, "a"]), { $Set: [1, "a"] }],
    [{ $Date: "not one" }, { $object: [["$Date", "not one"]] }],
    [{ plain: [1, null, true] }, { plain: [1, null, true] }],
  ])("[I3] names what JSON has no word for: %o", (value, json) => {
    expect(inspectValue(value)).toEqual(json);
  });

  it("[I4] ends inside itself", () => {
    const loop: Record<string, unknown> = { name: "loop" };
    loop["self"] = loop;

    expect(inspectValue(loop)).toEqual({ name: "loop", self: { $again: true } });
  });

  it("[I4] is JSON of bounded size, whatever there is", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const json = inspectValue(value, { maxValues: 20, maxTextLength: 10 });
        const text = JSON.stringify(json);

        expect(JSON.parse(text)).toEqual(json);
        expect(text.length).toBeLessThan(5000);
      }),
      { numRuns: RUNS },
    );
  });
});
