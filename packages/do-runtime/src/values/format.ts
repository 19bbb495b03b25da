// What of V8's serialization format is no tag of a value (tag.ts): its version, and the kinds of views, errors and flags.

export const FORMAT_VERSION = 15;

interface ViewConstructor {
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView;
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT?: number;
}

// Newer than the language version that this is written for.
const Float16 = Reflect.get(globalThis, "Float16Array") as ViewConstructor | undefined;

/** The views on an ArrayBuffer: tag, constructor. */
export const VIEWS: readonly (readonly [tag: number, view: ViewConstructor])[] = [
  ...(Float16 === undefined ? [] : [[0x68, Float16] as const]), // h
  [0x62, Int8Array], // b
  [0x42, Uint8Array], // B
  [0x43, Uint8ClampedArray], // C
  [0x77, Int16Array], // w
  [0x57, Uint16Array], // W
  [0x64, Int32Array], // d
  [0x44, Uint32Array], // D
  [0x66, Float32Array], // f
  [0x46, Float64Array], // F
  [0x71, BigInt64Array], // q
  [0x51, BigUint64Array], // Q
  [0x3f, DataView], // ?
];

/** The built-in errors that keep their kind in a structured clone. */
export const ERRORS = [
  [0x45, EvalError], // E
  [0x52, RangeError], // R
  [0x46, ReferenceError], // F
  [0x53, SyntaxError], // S
  [0x54, TypeError], // T
  [0x55, URIError], // U
] as const;

export const REGEXP_FLAGS = [
  ["g", 1],
  ["i", 2],
  ["m", 4],
  ["y", 8],
  ["u", 16],
  ["s", 32],
  ["d", 128],
  ["v", 256],
] as const;
