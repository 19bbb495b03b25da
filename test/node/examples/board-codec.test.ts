import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../../examples/board/shared/codec.ts";
import { RUNS } from "../../support/runs.ts";

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.constantFrom("$map", "$date"),
    ),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("$map", "$set", "$date", "$object")), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    fc.array(tie("value"), { maxLength: 4 }).map((members) => new Set(members)),
  ),
}));

const travels = (codec: typeof encode) =>
  fc.property(value, (sent) => {
    expect(decode(JSON.parse(JSON.stringify(codec(sent))))).toEqual(sent);
  });

function forgetful(sent: unknown): unknown {
  const encoded = encode(sent);
  const { $object } = (encoded ?? {}) as { $object?: [string, unknown][] };
  return $object === undefined ? encoded : Object.fromEntries($object);
}

describe("the board's codec", () => {
  it("gives back whatever it was given, names that look like its own too", () => {
    fc.assert(travels(encode), { numRuns: RUNS });
  });

  it("would be caught forgetting to mark such names", () => {
    expect(() => fc.assert(travels(forgetful), { numRuns: RUNS })).toThrow();
  });
});
