import { ByteSource } from "./source.ts";
import { ERRORS, FORMAT_VERSION, REGEXP_FLAGS, VIEWS } from "./format.ts";
import * as Tag from "./tag.ts";

/** The value whose bytes `encode` made; throws an `Error` for bytes that are not whole. */
export function decode(bytes: Uint8Array): unknown {
  return decodeBody(bytes.subarray(headerLength(bytes)));
}

/** The value whose bytes `encodeBody` made. */
export function decodeBody(bytes: Uint8Array): unknown {
  return new Decoder(bytes).read();
}

/** The values that `encodeSequence` put one after the other. */
export function decodeSequence(bytes: Uint8Array): unknown[] {
  return new Decoder(bytes).readAll();
}

function headerLength(bytes: Uint8Array): number {
  const [tag, version] = bytes;
  if (tag !== Tag.Version || version !== FORMAT_VERSION) throw new Error(`unknown format ${tag}/${version}`);
  return 2;
}

const views = new Map(VIEWS);
const errors = new Map<number, new (message?: string) => Error>(ERRORS);

class Decoder extends ByteSource {
  readonly #objects: object[] = [];

  read(): unknown {
    const value = this.#value();
    if (this.isAtEnd) return value;
    throw new Error(`${this.bytes.length - this.position} bytes too many`);
  }

  readAll(): unknown[] {
    const values: unknown[] = [];
    while (!this.isAtEnd) values.push(this.#value());
    return values;
  }

  #value(): unknown {
    const tag = this.byte();
    switch (tag) {
      case Tag.Undefined:
        return undefined;
      case Tag.Null:
        return null;
      case Tag.True:
        return true;
      case Tag.False:
        return false;
      case Tag.Int32: {
        const zigzag = this.varint();
        return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
      case Tag.Double:
        return this.double();
      case Tag.BigInt:
        return this.#bigint();
      case Tag.Padding:
        return this.#value();
      case Tag.OneByteString:
        return this.#latin1();
      case Tag.TwoByteString:
        return this.#utf16();
      default:
        return this.#object(tag);
    }
  }

  #latin1(): string {
    const bytes = this.take(this.varint());
    let text = "";
    // In pieces: a call takes some ten thousand arguments at most.
    for (let start = 0; start < bytes.length; start += 8192) {
      text += String.fromCharCode(...bytes.subarray(start, start + 8192));
    }
    return text;
  }

  #utf16(): string {
    const bytes = this.take(this.varint());
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let text = "";
    for (let at = 0; at < bytes.length; at += 2) text += String.fromCharCode(view.getUint16(at, true));
    return text;
  }

  #bigint(): bigint {
    const bits = this.varint();
    const bytes = this.take(Math.floor(bits / 2));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let value = 0n;
    for (let at = bytes.length - 8; at >= 0; at -= 8) value = (value << 64n) | view.getBigUint64(at, true);
    return bits % 2 === 1 ? -value : value;
  }

  #known<T extends object>(object: T): T {
    this.#objects.push(object);
    return object;
  }

  #object(tag: number): unknown {
    switch (tag) {
      case Tag.ObjectReference: {
        const id = this.varint();
        const object = this.#objects[id];
        if (object === undefined) throw new Error(`refers to object ${id} of ${this.#objects.length}`);
        return object instanceof ArrayBuffer && this.peek() === Tag.ArrayBufferView
          ? this.#bufferView(object)
          : object;
      }
      case Tag.BeginObject:
        return this.#properties(this.#known({}), Tag.EndObject);
      case Tag.BeginDenseArray:
        return this.#denseArray();
      case Tag.BeginSparseArray: {
        const array = this.#known(Array.from<unknown>({ length: 0 }));
        array.length = this.varint();
        this.#properties(array, Tag.EndSparseArray);
        this.varint();
        return array;
      }
      case Tag.Date:
        return this.#known(new Date(this.double()));
      case Tag.TrueObject:
        return this.#known(Object(true) as object);
      case Tag.FalseObject:
        return this.#known(Object(false) as object);
      case Tag.NumberObject:
        return this.#known(Object(this.double()) as object);
      case Tag.BigIntObject:
        return this.#known(Object(this.#bigint()) as object);
      case Tag.StringObject:
        return this.#known(Object(this.#value()) as object);
      case Tag.RegExp:
        return this.#regExp();
      case Tag.BeginMap:
        return this.#map();
      case Tag.BeginSet:
        return this.#set();
      case Tag.ArrayBuffer:
        return this.#buffer();
      case Tag.Error:
        return this.#error();
      default:
        throw new Error(`unknown tag ${tag} at byte ${this.position - 1}`);
    }
  }

  #properties<T extends object>(object: T, end: number): T {
    while (this.peek() !== end) {
      const key = this.#value() as PropertyKey;
      const value = this.#value();
      if (key === "__proto__") {
        // An assignment would set the prototype.
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else (object as Record<PropertyKey, unknown>)[key] = value;
    }
    this.byte();
    this.varint();
    return object;
  }

  #denseArray(): unknown[] {
    const length = this.varint();
    if (length > this.bytes.length) throw new Error(`an array of ${length} in ${this.bytes.length} bytes`);
    const array: unknown[] = this.#known([]);
    for (let index = 0; index < length; index++) {
      if (this.peek() === Tag.Hole) this.byte();
      else array[index] = this.#value();
    }
    array.length = length;
    this.#properties(array, Tag.EndDenseArray);
    this.varint();
    return array;
  }

  #regExp(): RegExp {
    const source = String(this.#value());
    const bits = this.varint();
    const flags = REGEXP_FLAGS.filter(([, bit]) => Math.floor(bits / bit) % 2 === 1).map(([flag]) => flag);
    return this.#known(new RegExp(source, flags.join("")));
  }

  #map(): Map<unknown, unknown> {
    const map = this.#known(new Map<unknown, unknown>());
    while (this.peek() !== Tag.EndMap) {
      const key = this.#value();
      map.set(key, this.#value());
    }
    this.byte();
    this.varint();
    return map;
  }

  #set(): Set<unknown> {
    const set = this.#known(new Set<unknown>());
    while (this.peek() !== Tag.EndSet) set.add(this.#value());
    this.byte();
    this.varint();
    return set;
  }

  #buffer(): ArrayBuffer | ArrayBufferView {
    // A copy; `slice()` of a Node Buffer would be none.
    const bytes = new Uint8Array(this.take(this.varint()));
    const buffer = this.#known(bytes.buffer);
    return this.peek() === Tag.ArrayBufferView ? this.#bufferView(buffer) : buffer;
  }

  #bufferView(buffer: ArrayBuffer): ArrayBufferView {
    this.byte();
    const tag = this.byte();
    const [offset, length] = [this.varint(), this.varint()];
    this.varint();
    const View = views.get(tag);
    if (View === undefined) throw new Error(`unknown view ${tag}`);
    return this.#known(new View(buffer, offset, length / (View.BYTES_PER_ELEMENT ?? 1)));
  }

  #error(): Error {
    let constructor: new (message?: string) => Error = Error;
    const kind = errors.get(this.peek() ?? 0);
    if (kind !== undefined) {
      this.byte();
      constructor = kind;
    }
    const error = this.#known(new constructor());
    const own = (name: string, value: unknown): void => {
      Object.defineProperty(error, name, { value, writable: true, enumerable: false, configurable: true });
    };
    for (;;) {
      const tag = this.byte();
      if (tag === Tag.ErrorEnd) return error;
      if (tag === Tag.ErrorMessage) own("message", this.#value());
      else if (tag === Tag.ErrorStack) own("stack", this.#value());
      else if (tag === Tag.ErrorCause) own("cause", this.#value());
      else throw new Error(`unknown part ${tag} of an error`);
    }
  }
}
