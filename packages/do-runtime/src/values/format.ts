// The tags of V8's serialization format (src/objects/value-serializer.cc), version 15: what a Durable Object stores for a value.
// Writing the same form tells a value's stored size exactly, and Node's `v8` module checks the codec from outside.

export const FORMAT_VERSION = 15;

export const Tag = {
  Version: 0xff,
  Padding: 0x00,
  Undefined: 0x5f, // _
  Null: 0x30, // 0
  True: 0x54, // T
  False: 0x46, // F
  Hole: 0x2d, // -
  Int32: 0x49, // I
  Double: 0x4e, // N
  BigInt: 0x5a, // Z
  OneByteString: 0x22, // "
  TwoByteString: 0x63, // c
  ObjectReference: 0x5e, // ^
  BeginObject: 0x6f, // o
  EndObject: 0x7b, // {
  BeginDenseArray: 0x41, // A
  EndDenseArray: 0x24, // $
  BeginSparseArray: 0x61, // a
  EndSparseArray: 0x40, // @
  Date: 0x44, // D
  TrueObject: 0x79, // y
  FalseObject: 0x78, // x
  NumberObject: 0x6e, // n
  BigIntObject: 0x7a, // z
  StringObject: 0x73, // s
  RegExp: 0x52, // R
  BeginMap: 0x3b, // ;
  EndMap: 0x3a, // :
  BeginSet: 0x27, // '
  EndSet: 0x2c, // ,
  ArrayBuffer: 0x42, // B
  ArrayBufferView: 0x56, // V
  Error: 0x72, // r
} as const;

export const ErrorTag = {
  EvalError: 0x45, // E
  RangeError: 0x52, // R
  ReferenceError: 0x46, // F
  SyntaxError: 0x53, // S
  TypeError: 0x54, // T
  URIError: 0x55, // U
  Message: 0x6d, // m
  Cause: 0x63, // c
  Stack: 0x73, // s
  End: 0x2e, // .
} as const;

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
  [ErrorTag.EvalError, EvalError],
  [ErrorTag.RangeError, RangeError],
  [ErrorTag.ReferenceError, ReferenceError],
  [ErrorTag.SyntaxError, SyntaxError],
  [ErrorTag.TypeError, TypeError],
  [ErrorTag.URIError, URIError],
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
