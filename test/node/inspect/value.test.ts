import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RUNS } from "../../support/runs.ts";
import { inspectValue, type Json } from "../../../packages/do-runtime/src/inspect-value.ts";

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

  it.each([
    [Object(1), { $Number: "1" }],
    [Object("abc"), { $String: "abc" }],
    [Object(false), { $Boolean: "false" }],
    [Object(1n), { $BigInt: "1" }],
  ])("[I3] shows what is in a box: %o", (value, json) => {
    expect(inspectValue(value)).toEqual(json);
  });

  it("[I3] goes on where looking throws", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getter = Object.defineProperty({}, "a", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });

    expect(inspectValue({ getter, b: 1 })).toEqual({ getter: { $unreadable: "Error: no" }, b: 1 });
    expect(inspectValue({ proxy, b: 1 })).toEqual({
      proxy: { $unreadable: expect.stringContaining("revoked") as unknown },
      b: 1,
    });
  });

  it.each([
    new Error("x".repeat(9999)),
    Object.defineProperty(new Error("x"), "name", { value: "x".repeat(9999) }),
    new RegExp("x".repeat(9999)),
    10n ** 9999n,
    Symbol("x".repeat(9999)),
    Object("x".repeat(9999)),
  ])("[I4] is cut, whatever is long: case %#", (value) => {
    expect(JSON.stringify(inspectValue(value)).length).toBeLessThan(1100);
  });

  it("[I4] leaves room for what comes after what is too much", () => {
    const many = Array.from({ length: 9999 }, (_, id) => ({ id }));
    const after = { settings: { theme: "dark", sizes: [1, 2, 3] }, last: new Map([["a", new Set([1])]]) };

    const seen = inspectValue({ big: many, all: new Set(many), ...after });

    const { big, all, ...rest } = seen as Record<string, { $array: Json[]; $Set: Json[]; $more: number }>;
    expect(rest).toEqual({ settings: after.settings, last: { $Map: [["a", { $Set: [1] }]] } });
    expect(big?.$array.length).toBeGreaterThan(1000);
    expect(big?.$array[1000]).toEqual({ id: 1000 });
    expect(all?.$Set.length).toBeGreaterThan(20);
    expect(big?.$more).toBe(9999 - (big?.$array.length ?? 0));
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
