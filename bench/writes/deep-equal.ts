/** Whether two states hold the same: plain objects, arrays, Map (in order), Set and primitives, at any depth, through any proxy. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (kind(a) !== kind(b)) return false;
  if (a instanceof Map) return b instanceof Map && listsEqual([...a].flat(), [...b].flat());
  if (a instanceof Set) return b instanceof Set && listsEqual([...a], [...b]);
  if (Array.isArray(a)) return Array.isArray(b) && listsEqual(a, b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && deepEqual(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

function listsEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => deepEqual(value, b[index]));
}

function kind(value: object): string {
  if (Array.isArray(value)) return "array";
  return value instanceof Map ? "map" : value instanceof Set ? "set" : "object";
}
