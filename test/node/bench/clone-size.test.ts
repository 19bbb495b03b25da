import { Serializer } from "node:v8";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloneSize } from "../../../bench/writes/clone-size.ts";
import { finalState } from "../../../bench/writes/workload.ts";
import { RUNS } from "../../support/runs.ts";
import { WORKLOADS } from "../../../bench/writes/workloads/index.ts";

/** The size by V8 itself; `serialize` of node:v8 would write views in a form of Node's own. */
function serializedSize(value: unknown): number {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer().byteLength;
}

// No numbers among these: V8 may keep an integer as a double, which takes more; they have a test of their own.

const member = fc.oneof(
  fc.string({ unit: "binary-ascii" }),
  fc.constantFrom("żółw", "🐭".repeat(70)),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
);

const leaf = fc.oneof(
  fc.string({ unit: "binary-ascii" }),
  // Fixed ones: a piece of a two-byte string stays two-byte even where one byte a character would do.
  fc.constantFrom("żółw", "冬眠", "🐭".repeat(70), "x".repeat(127), "x".repeat(128)),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date(),
  fc.uint8Array(),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("value")),
    fc.dictionary(fc.oneof(fc.string({ unit: "binary-ascii" }), fc.nat().map(String)), tie("value")),
    fc.array(fc.tuple(member, tie("value"))).map((entries) => new Map(entries)),
    fc.array(member).map((values) => new Set(values)),
    tie("value").map((shared) => [shared, shared]),
  ),
}));

describe("cloneSize", () => {
  it("is the size that V8 serializes to", () => {
    fc.assert(
      fc.property(value, (any) => {
        expect(cloneSize(any)).toBe(serializedSize(any));
      }),
      { numRuns: RUNS },
    );
  });

  it("is right for numbers, at the borders of small integers too", () => {
    // As texts: an array that holds -0 or NaN would keep all of its numbers as doubles.
    const borders = "0 -0 63 64 -64 -65 1073741824 2147483647 2147483648 -2147483648 -2147483649 NaN".split(
      " ",
    );

    for (const text of borders) expect(cloneSize(Number(text))).toBe(serializedSize(Number(text)));
    fc.assert(fc.property(fc.double({ noInteger: true }), (any) => cloneSize(any) === serializedSize(any)));
  });

  it.each(WORKLOADS)("is right for $name", (workload) => {
    const state = finalState(workload);

    expect(cloneSize(state)).toBe(serializedSize(state));
  });

  it("refuses what it does not know", () => {
    expect(() => cloneSize(() => {})).toThrow("function");
    expect(() => cloneSize(/x/)).toThrow("RegExp");
  });
});
