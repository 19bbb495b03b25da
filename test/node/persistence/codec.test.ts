import { Deserializer, Serializer } from "node:v8";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../packages/do-runtime/src/values/decode.ts";
import { inspect } from "../../../packages/do-runtime/src/values/encode.ts";
import { encode } from "../../../packages/do-runtime/src/values/encode-bytes.ts";
import { difference } from "../../support/difference.ts";
import { RUNS } from "../../support/runs.ts";
import { storable } from "../../support/values.ts";

// Node's own serializer of the same format is the judge from outside.
function v8Encode(value: unknown): Uint8Array {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

function v8Decode(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

describe("the codec", () => {
  it("[P20] gives every value back exactly", () => {
    fc.assert(
      fc.property(storable, (value) => {
        expect(difference(decode(encode(value)), structuredClone(value))).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it.each(["name", "", "1.5", "01", "-1", "1e3", "4294967295"])(
    "[P20] keeps an array's property %j, which is no element",
    (key) => {
      for (const length of [0, 1, 4, 9]) {
        // Dense, with a hole, sparse.
        const array = Object.assign([1, 2, 3].slice(0, length), { [key]: { n: 1 } });
        array.length = length;

        expect(difference(decode(encode(array)), structuredClone(array))).toBeUndefined();
        expect(Object.keys(v8Decode(encode(array)) as object)).toEqual(Object.keys(array));
        expect(inspect(array, []).bytes).toBe(encode(array).length);
      }
    },
  );

  it("writes what V8 reads, and reads what V8 writes", () => {
    fc.assert(
      fc.property(storable, (value) => {
        const clone: unknown = structuredClone(value);

        expect(difference(v8Decode(encode(value)), clone)).toBeUndefined();
        expect(difference(decode(v8Encode(value)), clone)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it("[P21] measures what V8 needs to the byte, but for holes and integers that V8 keeps as doubles", () => {
    fc.assert(
      fc.property(storable, (value) => {
        const { bytes } = inspect(value, ["k"]);

        expect(bytes).toBe(encode(value).length);
        expect(Math.abs(bytes - v8Encode(value).length)).toBeLessThanOrEqual(bytes / 2);
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ["a smi", 5],
    ["a string with a wide character", { a: "ü", b: "€", c: "" }],
    ["dates, maps and sets", [new Date(7), new Map([[1, new Set(["x"])]])]],
    [
      "1,000 objects",
      Array.from({ length: 1000 }, (_, id) => ({ id, title: `card ${id}`, done: false, at: id + 0.5 })),
    ],
    ["indexes as keys", { 0: 1, 1000: 2, 4294967294: 3, "-1": 4, "01": 5 }],
  ])("takes exactly V8's bytes for %s", (_, value) => {
    expect(Buffer.from(encode(value)).toString("latin1")).toBe(
      Buffer.from(v8Encode(value)).toString("latin1"),
    );
  });

  it("keeps Float16Array, which is newer than the others", () => {
    const Float16 = Reflect.get(globalThis, "Float16Array") as new (values: number[]) => ArrayBufferView;
    const value = new Float16([1.5, -2]);

    expect(difference(decode(encode(value)), structuredClone(value))).toBeUndefined();
    expect(difference(v8Decode(encode(value)), structuredClone(value))).toBeUndefined();
  });

  it.each([5, null, undefined, { code: 1 }, ["a", "b"]])(
    "[P20] keeps an error whose message was set to %o, as text",
    (message) => {
      const error = Object.assign(new Error("first"), { message });

      expect(decode(encode(error))).toMatchObject({ message: structuredClone(error).message });
      expect(decode(encode(error))).toMatchObject({ message: String(message) });
      expect(inspect(error, []).bytes).toBe(encode(error).length);
    },
  );

  it("refuses bytes that are not whole", () => {
    const bytes = encode({ list: [1, "two", new Map([[3, 4n]])] });

    for (let length = 0; length < bytes.length; length++)
      expect(() => decode(bytes.slice(0, length))).toThrow();
    expect(() => decode(new Uint8Array([...bytes, 0]))).toThrow("1 bytes too many");
  });
});
