/** Where encoded bytes come from, one after the other. Throws an `Error` where there are fewer than asked for. */
export class ByteSource {
  readonly bytes: Uint8Array;
  position = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.position === this.bytes.length;
  }

  /** The next byte, which stays the next. */
  peek(): number | undefined {
    return this.bytes[this.position];
  }

  byte(): number {
    const byte = this.bytes[this.position++];
    if (byte === undefined) throw new Error(`cut off after ${this.bytes.length} bytes`);
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }

  double(): number {
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A view of the next bytes. */
  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.length) throw new Error(`cut off after ${this.bytes.length} bytes`);
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }
}
