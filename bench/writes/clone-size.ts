// How many bytes does a value take as a structured clone? Workers have no way to ask, and the counts must be the same in
// Node and in workerd; so this walks the value as V8's serializer (version 15) does. A test holds it against V8's own. Only one
// thing can't be seen from here: an integer that V8 happens to keep as a double takes up to seven bytes more.

const HEADER_BYTES = 2;

/** Bytes of `value` in V8's wire format. Throws for kinds of values that the workloads do not hold. */
export function cloneSize(value: unknown): number {
  return new SizeWriter().measure(value);
}

class SizeWriter {
  #bytes = HEADER_BYTES;
  readonly #ids = new Map<object, number>();

  measure(value: unknown): number {
    this.#write(value);
    return this.#bytes;
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case "undefined":
      case "boolean":
        this.#bytes += 1;
        return;
      case "number":
        this.#writeNumber(value);
        return;
      case "bigint":
        this.#writeBigInt(value);
        return;
      case "string":
        this.#writeString(value);
        return;
      case "object":
        if (value === null) this.#bytes += 1;
        else this.#writeObject(value);
        return;
      default:
        throw new Error(`[bench] a ${typeof value} has no structured clone`);
    }
  }

  #writeNumber(value: number): void {
    // Small integers are zigzag varints, everything else a double.
    if (Number.isInteger(value) && !Object.is(value, -0) && value >= -(2 ** 31) && value < 2 ** 31) {
      this.#bytes += 1 + varint(value < 0 ? -2 * value - 1 : 2 * value);
    } else {
      this.#bytes += 9;
    }
  }

  #writeBigInt(value: bigint): void {
    const digits = value === 0n ? 0 : Math.ceil((value < 0n ? -value : value).toString(2).length / 64) * 8;
    this.#bytes += 1 + varint(digits * 2) + digits;
  }

  #writeString(text: string): void {
    if (!/[^\0-\xff]/.test(text)) {
      this.#bytes += 1 + varint(text.length) + text.length;
      return;
    }
    const length = text.length * 2;
    // Two-byte characters start at an even offset; one byte of padding goes before the tag where they would not.
    if ((this.#bytes + 1 + varint(length)) % 2 === 1) this.#bytes += 1;
    this.#bytes += 1 + varint(length) + length;
  }

  #writeObject(value: object): void {
    const known = this.#ids.get(value);
    if (known !== undefined) {
      this.#bytes += 1 + varint(known);
      return;
    }
    this.#ids.set(value, this.#ids.size);
    if (Array.isArray(value)) this.#writeArray(value);
    else if (value instanceof Map) {
      this.#bytes += 1;
      for (const [key, entry] of value) {
        this.#write(key);
        this.#write(entry);
      }
      this.#bytes += 1 + varint(value.size * 2);
    } else if (value instanceof Set) {
      this.#bytes += 1;
      for (const entry of value) this.#write(entry);
      this.#bytes += 1 + varint(value.size);
    } else if (value instanceof Date) this.#bytes += 9;
    else if (value instanceof ArrayBuffer) this.#bytes += 1 + varint(value.byteLength) + value.byteLength;
    else if (ArrayBuffer.isView(value)) this.#writeView(value);
    else if (isPlain(value)) {
      const entries = Object.entries(value);
      this.#bytes += 1;
      for (const [key, entry] of entries) {
        this.#writeKey(key);
        this.#write(entry);
      }
      this.#bytes += 1 + varint(entries.length);
    } else throw new Error(`[bench] the size of a ${value.constructor.name} is not known here`);
  }

  /** A view is its whole buffer, unless that was written already, and then where in it the view lies. */
  #writeView(view: ArrayBufferView): void {
    // The buffer takes its number before the view does.
    this.#ids.delete(view);
    this.#writeObject(view.buffer);
    this.#ids.set(view, this.#ids.size);
    this.#bytes += 2 + varint(view.byteOffset) + varint(view.byteLength) + 1;
  }

  #writeArray(array: readonly unknown[]): void {
    this.#bytes += 1 + varint(array.length);
    for (const entry of array) this.#write(entry);
    this.#bytes += 1 + varint(0) + varint(array.length);
  }

  /** Keys that are array indices are written as numbers. */
  #writeKey(key: string): void {
    const index = Number(key);
    if (Number.isInteger(index) && index >= 0 && index < 2 ** 31 && String(index) === key)
      this.#writeNumber(index);
    else this.#writeString(key);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Bytes of an unsigned integer at seven bits a byte. */
function varint(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
