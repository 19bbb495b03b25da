import * as fc from "fast-check";

const views = [Int8Array, Uint8Array, Uint16Array, Int32Array, Float64Array] as const;

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    true,
    false,
    -0,
    0,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** 30,
    -(2 ** 30),
    2 ** 31,
  ),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(/a+/giu, /\//, new Error("m", { cause: 1 }), new TypeError("t")),
  fc.tuple(fc.constantFrom(...views), fc.uint8Array({ maxLength: 32 })).map(([View, bytes]) => {
    const view = new View(4);
    new Uint8Array(view.buffer).set(bytes.subarray(0, view.byteLength));
    return view;
  }),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => new Uint8Array(bytes).buffer),
);

const key = fc.oneof(
  fc.constantFrom("a", "b", "c", "0", "17", "__proto__", "constructor", "then", ""),
  fc.string({ unit: "binary" }),
);

/** Whatever a structured clone keeps: every kind of value, nested, with references shared between branches. */
export const storable: fc.Arbitrary<unknown> = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      tie("object"),
      tie("array"),
      tie("map"),
      tie("set"),
    ),
    object: fc
      .array(fc.tuple(key, tie("value")), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
    array: fc.tuple(fc.array(tie("value"), { maxLength: 5 }), fc.nat(12)).map(([items, holes]) => {
      const array = items.slice();
      if (holes > 9) array.length += holes;
      if (holes % 4 === 3) Reflect.deleteProperty(array, 0);
      return array;
    }),
    map: fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => new Map(entries)),
    set: fc.array(tie("value"), { maxLength: 4 }).map((members) => new Set(members)),
  }))
  .value.chain((value) =>
    fc.constantFrom("once", "twice", "cycle").map((sharing) => {
      if (sharing === "twice") return { first: value, second: value };
      if (sharing === "once") return value;
      const cycle: Record<string, unknown> = { value };
      cycle["self"] = cycle;
      return cycle;
    }),
  );
