import { applyPatches, type Patch, reactive } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";

const splice = (index: unknown, remove: unknown, insert: unknown = []) =>
  ({ op: "splice", path: ["list"], index, remove, insert }) as Patch;
const length = (value: unknown): Patch => ({ op: "set", path: ["list", "length"], value });

describe("applyPatches", () => {
  const impossible: [string, Patch][] = [
    ...[-1, 0.5, 4, 2 ** 32, 1e300, Number.NaN, Infinity, "1", null, undefined].map(
      (found): [string, Patch] => [`a splice at ${String(found)}`, splice(found, 0)],
    ),
    ...[-1, 0.5, 3, 2 ** 32, Number.NaN, Infinity, "1", undefined].map((found): [string, Patch] => [
      `a splice that removes ${String(found)} of the last two`,
      splice(1, found),
    ]),
    ["a splice that inserts no list", splice(0, 0, "ab")],
    ...[-1, 0.5, 4, 2 ** 32, Number.NaN, Infinity, "x", null, {}].map((found): [string, Patch] => [
      `the length ${String(found)}`,
      length(found),
    ]),
    ...[-1, 0.5, Number.NaN, 2 ** 32].map((found): [string, Patch] => [
      `the index ${found}`,
      { op: "set", path: ["list", found], value: 1 },
    ]),
  ];

  describe.each([
    ["plain", <T extends object>(value: T) => value],
    ["reactive", reactive],
  ] as const)("to a %s array of three", (_kind, wrap) => {
    it.each(impossible)("[R8] refuses %s, and changes nothing", (_name, patch) => {
      const target = wrap({ list: [1, 2, 3] });

      expect(() => applyPatches(target, [patch])).toThrow(
        /\[reactive\] the patch "(splice|set)" at \[list(, \S+)?\] doesn't fit: .+; apply patches in order/,
      );

      expect(target.list).toEqual([1, 2, 3]);
      expect(Object.keys(target.list)).toHaveLength(3);
    });

    it("[R8] accepts the ends of what is possible", () => {
      const target = wrap({ list: [1, 2, 3] });

      applyPatches(target, [
        splice(3, 0, [4]),
        splice(4, 0),
        splice(0, 4, [1, 2]),
        length(2),
        length(0),
        splice(0, 0),
      ]);

      expect(target.list).toEqual([]);
    });
  });

  it("[R8] refuses a patch without a path", () => {
    expect(() => applyPatches({}, [{ op: "clear" } as unknown as Patch])).toThrow(
      /the patch "clear" at undefined doesn't fit: its path is no list/,
    );
  });

  it("[R8] says that there is no such operation, as those of JSON Patch", () => {
    const replace = { op: "replace", path: ["a"], value: 2 } as unknown as Patch;

    expect(() => applyPatches({ a: 1 }, [replace])).toThrow(
      /the patch "replace" at \[a\] doesn't fit: there is no such op;/,
    );
  });

  it("[R8] copies what is nested deeply in the time that its size takes", () => {
    // Such a text is short, and may come from anywhere. Asked for at each level anew, it would take longer than any test may.
    const levels = 50_000;
    const deep: unknown = JSON.parse(`${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`);

    const target = applyPatches<{ x?: unknown }>({}, [{ op: "set", path: ["x"], value: deep }]);

    let [copy, original]: unknown[] = [target.x, deep];
    for (let level = 0; level < levels; level++) {
      if (copy === original) throw new Error(`level ${level} is no copy`);
      [copy, original] = [copy, original].map((object) => (object as { a: unknown[] }).a[0]);
    }
    expect([copy, original]).toEqual([1, 1]);
  });
});
