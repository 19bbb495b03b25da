import { PersistError } from "../errors.ts";
import { encodeTo } from "./encode.ts";
import { CountingSink } from "./sink.ts";

/** Ends the walk. Of a class that the encoder lets through as it is. */
const TOO_LONG = new PersistError("VALUE_TOO_LARGE", { message: "longer than asked for" });

/** Throws when there are more bytes than that. */
class LimitedSink extends CountingSink {
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    super();
    this.#maxBytes = maxBytes;
  }

  protected override add(count: number): void {
    this.length += count;
    if (this.length > this.#maxBytes) throw TOO_LONG;
  }
}

/** The serialized size of a value, or `undefined` if it is more than `maxBytes`: then only that much of it was looked at. */
export function sizeUpTo(value: unknown, maxBytes: number): number | undefined {
  const sink = new LimitedSink(maxBytes);
  try {
    encodeTo(sink, [value], []);
    return sink.length;
  } catch (error) {
    // What can't be stored has no size either; who writes it will say so.
    if (error instanceof PersistError) return undefined;
    throw error;
  }
}
