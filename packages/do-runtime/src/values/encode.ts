import { describe, formatPath, type Path, PersistError, toError } from "../errors.ts";
import { ERRORS, FORMAT_VERSION, REGEXP_FLAGS, VIEWS } from "./format.ts";
import * as Tag from "./tag.ts";
import { CountingSink, type Sink, varintLength } from "./sink.ts";

/** Puts several values into the sink, with references kept between them; answers which views of them are narrow. */
export function encodeTo(sink: Sink, values: readonly unknown[], path: Path): ReadonlySet<ArrayBufferView> {
  const encoder = new Encoder(sink, path);
  for (const value of values) encoder.write(value);
  return encoder.narrowViews();
}

/** What stands before a value that says itself which format it has. */
export function writeHeader(sink: Sink): void {
  sink.byte(Tag.Version);
  sink.byte(FORMAT_VERSION);
}

/** What storing a value takes. */
export interface Inspection {
  /** Size of the serialized value in bytes. */
  readonly bytes: number;
  /** Views on buffers of which all views together show less than half, and which would be stored whole. */
  readonly narrowViews: ReadonlySet<ArrayBufferView>;
}

/** Measures a value and checks that all of it can be stored; throws `PersistError` with the path of what can't. */
export function inspect(value: unknown, path: Path): Inspection {
  const sink = new CountingSink();
  writeHeader(sink);
  const encoder = new Encoder(sink, path);
  encoder.write(value);
  return { bytes: sink.length, narrowViews: encoder.narrowViews() };
}

const viewTags = new Map<object, number>(VIEWS.map(([tag, view]) => [view.prototype, tag]));
const errorTags = new Map<object, number | undefined>([
  [Error.prototype, undefined],
  ...ERRORS.map(([tag, error]) => [error.prototype, tag] as const),
]);
const boxes = new Set<object>([Number.prototype, String.prototype, Boolean.prototype, BigInt.prototype]);
// oxlint-disable-next-line no-control-regex -- the whole range of one-byte strings
const oneByte = /^[\u0000-\u00ff]*$/;

const none: ReadonlySet<ArrayBufferView> = new Set();

class Encoder {
  readonly #sink: Sink;
  /** Most values that are written have no object in them. */
  #ids: Map<object, number> | undefined;
  readonly #path: unknown[];
  /** The views on each buffer; `undefined` where the buffer itself stands in the value, too. */
  #views: Map<ArrayBufferLike, Set<ArrayBufferView> | undefined> | undefined;

  constructor(sink: Sink, path: Path) {
    this.#sink = sink;
    this.#path = [...path];
  }

  write(value: unknown): void {
    try {
      this.#value(value);
    } catch (error) {
      // A stack overflow leaves the path at the deepest point: of no use, and too long to print.
      if (error instanceof RangeError)
        throw this.#refusal("is nested too deeply to be stored; flatten it", this.#path.slice(0, 1));
      if (error instanceof PersistError) throw error;
      // A proxy, of another library or revoked, that doesn't let itself be looked at.
      throw this.#refusal(`can't be read (${toError(error).message}); assign a plain object`);
    }
  }

  narrowViews(): ReadonlySet<ArrayBufferView> {
    if (this.#views === undefined) return none;
    const narrow = new Set<ArrayBufferView>();
    for (const [buffer, views] of this.#views) {
      let shown = 0;
      for (const view of views ?? []) shown += view.byteLength;
      if (views === undefined || shown * 2 >= buffer.byteLength) continue;
      for (const view of views) narrow.add(view);
    }
    return narrow;
  }

  #value(value: unknown): void {
    const sink = this.#sink;
    switch (typeof value) {
      case "undefined":
        return sink.byte(Tag.Undefined);
      case "boolean":
        return sink.byte(value ? Tag.True : Tag.False);
      case "number":
        return this.#number(value);
      case "string":
        return this.#string(value);
      case "bigint":
        sink.byte(Tag.BigInt);
        return this.#bigint(value);
      case "object":
        return value === null ? sink.byte(Tag.Null) : this.#object(value);
      default:
        throw this.#refusal(
          `is ${describe(value)}, which storage can't keep; keep it under a key that isn't persisted`,
        );
    }
  }

  #number(value: number): void {
    // V8 writes as integers what fits 31 bits, and -0 as a double.
    if (value >= -0x4000_0000 && value < 0x4000_0000 && (value | 0) === value && !Object.is(value, -0)) {
      this.#sink.byte(Tag.Int32);
      this.#sink.varint(value < 0 ? -2 * value - 1 : 2 * value);
    } else {
      this.#sink.byte(Tag.Double);
      this.#sink.double(value);
    }
  }

  #string(text: string): void {
    const sink = this.#sink;
    if (oneByte.test(text)) {
      sink.byte(Tag.OneByteString);
      sink.varint(text.length);
      sink.latin1(text);
    } else {
      const bytes = text.length * 2;
      if ((sink.length + 1 + varintLength(bytes)) % 2 === 1) sink.byte(Tag.Padding);
      sink.byte(Tag.TwoByteString);
      sink.varint(bytes);
      sink.utf16(text);
    }
  }

  #bigint(value: bigint): void {
    const digits: bigint[] = [];
    for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 64n)
      digits.push(rest & 0xffff_ffff_ffff_ffffn);
    this.#sink.varint((value < 0n ? 1 : 0) + digits.length * 8 * 2);
    const bytes = new Uint8Array(digits.length * 8);
    const view = new DataView(bytes.buffer);
    for (const [index, digit] of digits.entries()) view.setBigUint64(index * 8, digit, true);
    this.#sink.bytes(bytes);
  }

  #object(object: object): void {
    const ids = (this.#ids ??= new Map());
    const known = ids.get(object);
    if (known !== undefined) {
      this.#sink.byte(Tag.ObjectReference);
      this.#sink.varint(known);
      if (object instanceof ArrayBuffer) this.#views?.set(object, undefined);
      return;
    }
    // V8 writes a view's buffer before it, with the id before the view's.
    if (ArrayBuffer.isView(object)) this.#buffer(object, ids);
    ids.set(object, ids.size);
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Object.prototype || prototype === null) this.#plain(object);
    else if (Array.isArray(object) && prototype === Array.prototype) this.#array(object);
    else this.#builtIn(object, prototype as object);
  }

  #plain(object: object): void {
    this.#sink.byte(Tag.BeginObject);
    const count = this.#properties(object, Object.keys(object));
    this.#sink.byte(Tag.EndObject);
    this.#sink.varint(count);
  }

  #properties(object: object, keys: readonly string[]): number {
    if (Object.getOwnPropertySymbols(object).length > 0) {
      throw this.#refusal("has a property with a symbol for its key, which storage would drop; use a string");
    }
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(object, key);
      if (property === undefined) continue;
      this.#path.push(key);
      if (property.get !== undefined || property.set !== undefined) {
        throw this.#refusal(
          "is an accessor, which storage would replace by its value of the moment; assign that value",
        );
      }
      this.#key(key);
      this.#value(property.value);
      this.#path.pop();
    }
    return keys.length;
  }

  #key(key: string): void {
    // An index (up to 2 ** 32 - 2) among the keys of an object is written as a number.
    const index = key.length <= 10 && key.charCodeAt(0) <= 57 ? Number(key) : Number.NaN;
    if (index >= 0 && index < 0xffff_ffff && String(index) === key && Number.isInteger(index))
      this.#number(index);
    else this.#string(key);
  }

  #array(array: readonly unknown[]): void {
    const sink = this.#sink;
    const keys = Object.keys(array);
    // Neither "1.5" nor "-1" names an element.
    const isIndex = (key: string): boolean => String(Number(key) >>> 0) === key && Number(key) < array.length;
    const named = keys.length > 0 && !isIndex(keys.at(-1) ?? "") ? keys.filter((key) => !isIndex(key)) : [];
    const elements = keys.length - named.length;
    const isSparse = elements < array.length / 2;
    sink.byte(isSparse ? Tag.BeginSparseArray : Tag.BeginDenseArray);
    sink.varint(array.length);
    if (!isSparse) {
      for (let index = 0; index < array.length; index++) {
        if (elements === array.length || index in array) this.#step(index, array[index]);
        else sink.byte(Tag.Hole);
      }
    }
    const count = this.#properties(array, isSparse ? keys : named);
    sink.byte(isSparse ? Tag.EndSparseArray : Tag.EndDenseArray);
    sink.varint(count);
    sink.varint(array.length);
  }

  #step(step: unknown, value: unknown): void {
    this.#path.push(step);
    this.#value(value);
    this.#path.pop();
  }

  #builtIn(object: object, prototype: object): void {
    const sink = this.#sink;
    if (prototype === Map.prototype && object instanceof Map) {
      sink.byte(Tag.BeginMap);
      for (const [key, value] of object as Map<unknown, unknown>) {
        this.#path.push(key);
        this.#value(key);
        this.#value(value);
        this.#path.pop();
      }
      sink.byte(Tag.EndMap);
      sink.varint(object.size * 2);
    } else if (prototype === Set.prototype && object instanceof Set) {
      sink.byte(Tag.BeginSet);
      for (const member of object as Set<unknown>) this.#step(member, member);
      sink.byte(Tag.EndSet);
      sink.varint(object.size);
    } else if (prototype === Date.prototype && object instanceof Date) {
      sink.byte(Tag.Date);
      sink.double(object.getTime());
    } else if (prototype === RegExp.prototype && object instanceof RegExp) {
      sink.byte(Tag.RegExp);
      this.#string(object.source);
      sink.varint(
        REGEXP_FLAGS.reduce((bits, [flag, bit]) => bits + (object.flags.includes(flag) ? bit : 0), 0),
      );
    } else if (prototype === ArrayBuffer.prototype && object instanceof ArrayBuffer) {
      this.#views ??= new Map();
      this.#views.set(object, undefined);
      this.#bufferBytes(object);
    } else if (ArrayBuffer.isView(object)) {
      this.#view(object, prototype);
    } else if (errorTags.has(prototype) && object instanceof Error) {
      this.#error(object, errorTags.get(prototype));
    } else if (!this.#boxed(object, prototype)) {
      throw this.#refusal(unstorable(object));
    }
    // The elements of a view and the characters of a String object are among its keys, and workerd's clones of errors show theirs.
    if (ArrayBuffer.isView(object) || prototype === String.prototype) return;
    const keys = Object.keys(object);
    if (
      keys.length > 0 &&
      !(object instanceof Error && keys.every((key) => key === "stack" || key === "cause"))
    ) {
      throw this.#refusal(
        `is ${describe(object)} with properties of its own, which storage would drop; keep them beside it`,
      );
    }
  }

  #boxed(object: object, prototype: object): boolean {
    const sink = this.#sink;
    const inner: unknown = boxes.has(prototype) ? object.valueOf() : undefined;
    if (typeof inner === "number") {
      sink.byte(Tag.NumberObject);
      sink.double(inner);
    } else if (typeof inner === "string") {
      sink.byte(Tag.StringObject);
      this.#string(inner);
    } else if (typeof inner === "boolean") {
      sink.byte(inner ? Tag.TrueObject : Tag.FalseObject);
    } else if (typeof inner === "bigint") {
      sink.byte(Tag.BigIntObject);
      this.#bigint(inner);
    } else return false;
    return true;
  }

  #buffer(view: ArrayBufferView, ids: Map<object, number>): void {
    const { buffer } = view;
    if (!(buffer instanceof ArrayBuffer))
      throw this.#refusal("shows a SharedArrayBuffer, which storage can't keep; copy it");
    this.#views ??= new Map();
    if (this.#views.has(buffer)) this.#views.get(buffer)?.add(view);
    else this.#views.set(buffer, new Set([view]));
    const known = ids.get(buffer);
    if (known !== undefined) {
      this.#sink.byte(Tag.ObjectReference);
      this.#sink.varint(known);
      return;
    }
    ids.set(buffer, ids.size);
    this.#bufferBytes(buffer);
  }

  #bufferBytes(buffer: ArrayBuffer): void {
    if (buffer.detached) throw this.#refusal("is a detached ArrayBuffer, which storage can't keep");
    this.#sink.byte(Tag.ArrayBuffer);
    this.#sink.varint(buffer.byteLength);
    this.#sink.bytes(new Uint8Array(buffer));
  }

  #view(view: ArrayBufferView, prototype: object): void {
    const tag = viewTags.get(prototype);
    if (tag === undefined) throw this.#refusal(unstorable(view));
    this.#sink.byte(Tag.ArrayBufferView);
    this.#sink.byte(tag);
    this.#sink.varint(view.byteOffset);
    this.#sink.varint(view.byteLength);
    this.#sink.varint(0);
  }

  #error(error: Error, tag: number | undefined): void {
    const sink = this.#sink;
    sink.byte(Tag.Error);
    if (tag !== undefined) sink.byte(tag);
    if (Object.hasOwn(error, "message")) {
      sink.byte(Tag.ErrorMessage);
      this.#string(String(error.message));
    }
    if (typeof error.stack === "string") {
      sink.byte(Tag.ErrorStack);
      this.#string(error.stack);
    }
    if (Object.hasOwn(error, "cause")) {
      sink.byte(Tag.ErrorCause);
      this.#step("cause", error.cause);
    }
    sink.byte(Tag.ErrorEnd);
  }

  #refusal(what: string, path: Path = this.#path): PersistError {
    const [key] = path;
    return new PersistError("VALUE_NOT_STORABLE", {
      key: typeof key === "string" ? key : undefined,
      path: [...path],
      message: `"${formatPath(path)}" ${what}`,
    });
  }
}

function unstorable(object: object): string {
  if (object instanceof Promise) return "is a promise, which storage can't keep; await it first";
  const name = describe(object);
  return `is ${name}; storage keeps plain objects, arrays, Map, Set, Date, RegExp, errors, buffers and typed arrays: store a plain object made of it`;
}
