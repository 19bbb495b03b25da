// Values as bytes: what most objects never need, as the platform clones what is put.
import type { Path } from "../errors.ts";
import { ByteSink } from "./byte-sink.ts";
import { encodeTo, writeHeader } from "./encode.ts";
import { withoutNarrowViews } from "./views.ts";

/** The bytes of a value in V8's serialization format; `decode` reads them. Throws `PersistError` for what can't be stored. */
export function encode(value: unknown, path: Path = []): Uint8Array {
  const sink = ByteSink.open();
  writeHeader(sink);
  encodeTo(sink, [value], path);
  return sink.take();
}

/** A value as `encode` writes it, for a place that says itself which format it has; narrow views are copied first. */
export function encodeBody(value: unknown, path: Path): Uint8Array {
  return encodeSequence([value], path);
}

/** Several values one after the other, with references kept between them. */
export function encodeSequence(values: readonly unknown[], path: Path): Uint8Array {
  let sink = ByteSink.open();
  const narrow = encodeTo(sink, values, path);
  if (narrow.size > 0) {
    // Once only: a view that is an error's cause stays as it is.
    sink = ByteSink.open();
    encodeTo(sink, withoutNarrowViews(values, narrow) as unknown[], path);
  }
  return sink.take();
}
