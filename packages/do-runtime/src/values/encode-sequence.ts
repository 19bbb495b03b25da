// Values for a place that itself says which format they have.
import type { Path } from "../errors.ts";
import { encodeTo } from "./encode.ts";
import { ByteSink } from "./sink.ts";
import { withoutNarrowViews } from "./views.ts";

/** A value as `encode` writes it, without the header that names the format; narrow views are copied first. */
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
