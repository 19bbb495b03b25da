// Where encoded bytes go: into a buffer (byte-sink.ts), or nowhere, when only their number is asked for.

/** Takes the parts of an encoded value. */
export interface Sink {
  /** Bytes taken so far. */
  readonly length: number;
  byte(value: number): void;
  varint(value: number): void;
  double(value: number): void;
  latin1(text: string): void;
  utf16(text: string): void;
  bytes(bytes: Uint8Array): void;
}

/** How many bytes an unsigned number takes as a varint: 7 bits a byte. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Only counts. */
export class CountingSink implements Sink {
  length = 0;

  byte(): void {
    this.add(1);
  }

  varint(value: number): void {
    this.add(varintLength(value));
  }

  double(): void {
    this.add(8);
  }

  latin1(text: string): void {
    this.add(text.length);
  }

  utf16(text: string): void {
    this.add(text.length * 2);
  }

  bytes(bytes: Uint8Array): void {
    this.add(bytes.length);
  }

  protected add(count: number): void {
    this.length += count;
  }
}
