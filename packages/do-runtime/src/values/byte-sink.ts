import { type Sink, varintLength } from "./sink.ts";

/** Sinks whose bytes were fetched: to make a buffer takes longer than to fill it with a small value. */
const spares: ByteSink[] = [];
const FIRST_BYTES = 1024;

/** Gathers the bytes in a buffer that doubles when it is full. */
export class ByteSink implements Sink {
  length = 0;
  #buffer = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#buffer.buffer);

  /** An empty one. */
  static open(): ByteSink {
    return spares.pop() ?? new ByteSink();
  }

  /** A copy of what was taken. The sink is not to be used any more. */
  take(): Uint8Array {
    const bytes = this.#buffer.slice(0, this.length);
    // One whose buffer has grown would keep all of that.
    if (this.length <= FIRST_BYTES) spares.push(this);
    this.length = 0;
    return bytes;
  }

  /** The same, with its length before it. */
  takeFramed(): Uint8Array {
    const { length } = this;
    const start = varintLength(length);
    this.#reserve(start);
    this.#buffer.copyWithin(start, 0, length);
    this.length = 0;
    this.varint(length);
    this.length += length;
    return this.take();
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.length++] = value;
  }

  varint(value: number): void {
    this.#reserve(9);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[this.length++] = (rest % 128) | 128;
    this.#buffer[this.length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  latin1(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.length + i] = text.charCodeAt(i);
    this.length += text.length;
  }

  utf16(text: string): void {
    this.#reserve(text.length * 2);
    for (let i = 0; i < text.length; i++) this.#view.setUint16(this.length + i * 2, text.charCodeAt(i), true);
    this.length += text.length * 2;
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.length + count));
    grown.set(this.#buffer.subarray(0, this.length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
