import { formatPath, type Path, PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import type { Patch } from "@dormouse/reactive";
import { withoutNarrowViews } from "./views.ts";
import { inspect } from "./encode.ts";

const utf8 = new TextEncoder();

/** Two bytes of header, one of tag, eight of a double; more than the length of a string takes. */
const MOST_NUMBER_BYTES = 11;

/** The largest value that a row of this name takes, in bytes. Throws `PersistError` where the name itself is too long. */
export function maxBytesIn(row: string, key: string, limits: StorageLimits): number {
  const rowBytes = utf8.encode(row).length;
  if (rowBytes > limits.maxKeyBytes) {
    throw new PersistError("KEY_TOO_LARGE", {
      key,
      message: `the key "${key.slice(0, 40)}..." is stored as ${rowBytes} bytes, the limit is ${limits.maxKeyBytes}; use a shorter key`,
    });
  }
  return limits.maxValueBytes - (limits.keyCounts ? rowBytes : 0);
}

/** The error for a value that has no room in its row. */
export function tooLarge(key: string, bytes: number, maxBytes: number): PersistError {
  return new PersistError("VALUE_TOO_LARGE", {
    key,
    message: `"${formatPath([key])}" takes ${bytes} bytes, the limit is ${maxBytes}; split it into several keys or use layout "log"`,
  });
}

/** A value that can be put as it is, and its size. */
export interface Checked {
  readonly value: unknown;
  readonly bytes: number;
  /** Whether the live value had to be copied, since views in it would have stored more than they show. */
  readonly isCopy: boolean;
}

/** At most how many bytes storing a primitive takes, where that can be told without looking at it; of others `undefined`. */
export function mostBytes(value: unknown): number | undefined {
  switch (typeof value) {
    case "number":
    case "boolean":
      return MOST_NUMBER_BYTES;
    case "string":
      // At worst two bytes a character; the rest are header, tag, padding and the length.
      return value.length * 2 + MOST_NUMBER_BYTES;
    default:
      return value === null ? MOST_NUMBER_BYTES : undefined;
  }
}

/** Checks that a key's value can be stored, and measures it; throws `PersistError`. */
export function check(key: string, value: unknown): Checked {
  const { bytes, narrowViews } = inspect(value, [key]);
  if (narrowViews.size === 0) return { value, bytes, isCopy: false };
  const copy = withoutNarrowViews(value, narrowViews);
  return { value: copy, bytes: inspect(copy, [key]).bytes, isCopy: true };
}

/** What the values in patches add to a key at most, in bytes, or `undefined` if the key has to be looked at as a whole. */
export function addedBytes(key: string, patches: readonly Patch[]): number | undefined {
  let added = 0;
  for (const patch of patches) {
    for (const [value, path] of valuesOf(patch)) {
      const { bytes, narrowViews } = inspect(value, [key, ...path]);
      if (narrowViews.size > 0) return undefined;
      added += bytes;
    }
    // The name of a new property, and a little for the lengths around it.
    const name = patch.path.at(-1);
    added += 32 + (typeof name === "string" ? name.length * 2 : 0);
  }
  return added;
}

/** Checks the values in patches; throws `PersistError` with the path of what can't be stored. */
export function checkPatches(key: string, patches: readonly Patch[]): void {
  for (const patch of patches) {
    for (const [value, path] of valuesOf(patch)) inspect(value, [key, ...path]);
  }
}

/** The values in a patch, each with the path that it is at. */
function valuesOf(patch: Patch): readonly (readonly [value: unknown, path: Path])[] {
  const { path } = patch;
  if (patch.op === "splice") return patch.insert.map((value, at) => [value, [...path, patch.index + at]]);
  if (patch.op === "add") return [[patch.value, [...path, patch.value]]];
  return patch.op === "set" ? [[patch.value, path]] : [];
}
