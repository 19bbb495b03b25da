// What the same changes cost where every assignment is written at once: one row each, with the whole top-level key as JSON in it.
import type { Patch } from "@dormouse/reactive";
import { encode } from "./codec.ts";

/** Rows, and the bytes of their values. */
export interface Written {
  readonly rows: number;
  readonly bytes: number;
}

/** What the per-write model would have written for these changes of `state`. */
export function perWriteOf(state: object, patches: readonly Patch[]): Written {
  const sizes = new Map<unknown, number>();
  let written = 0;
  for (const { path } of patches) {
    const [key] = path;
    const bytes = sizes.get(key) ?? JSON.stringify(encode(Reflect.get(state, String(key)))).length;
    sizes.set(key, bytes);
    written += bytes;
  }
  return { rows: patches.length, bytes: written };
}
