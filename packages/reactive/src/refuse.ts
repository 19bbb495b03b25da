import { isCloneable } from "./kinds.js";

/** May throw: `value`, which is to stand at `path`, is something that no structured clone keeps. */
export type Refuse = (value: unknown, path: readonly unknown[]) => void;

/** Calls `refuse` with each thing in `value` that no structured clone keeps, and its path. */
export function refuseWithin(
  value: unknown,
  path: readonly unknown[],
  refuse: Refuse,
  seen: Set<unknown>,
): void {
  if (!isCloneable(value)) {
    refuse(value, path);
    return;
  }
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map) {
    for (const [key, entry] of value) {
      refuseWithin(key, [...path, key], refuse, seen);
      refuseWithin(entry, [...path, key], refuse, seen);
    }
  } else if (value instanceof Set) {
    for (const member of value) refuseWithin(member, [...path, member], refuse, seen);
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor !== undefined && "value" in descriptor) {
        refuseWithin(descriptor.value, [...path, Array.isArray(value) ? Number(key) : key], refuse, seen);
      }
    }
  }
}
