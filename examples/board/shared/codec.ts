// JSON that keeps Map, Set and Date, for what travels between the object and its tabs.

/**
 * Gives plain JSON for a value: `{ $map: entries }`, `{ $set: members }`, `{ $date: milliseconds }`, and everything else as it is.
 *
 * An object of which a key begins with "$" becomes `{ $object: entries }`, so that no text of a user's is taken for one of these.
 */
export function encode(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Map) return { $map: [...value].map(([key, held]) => [encode(key), encode(held)]) };
  if (value instanceof Set) return { $set: [...value].map(encode) };
  if (value instanceof Date) return { $date: value.getTime() };
  const entries = Object.entries(value).map(([key, held]): [string, unknown] => [key, encode(held)]);
  return entries.some(([key]) => key.startsWith("$")) ? { $object: entries } : Object.fromEntries(entries);
}

/** Gives back what {@link encode} was given. */
export function decode(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  const { $map, $set, $date, $object } = value as Record<string, unknown>;
  if (Array.isArray($map)) return new Map($map.map(decodeEntry));
  if (Array.isArray($set)) return new Set($set.map(decode));
  if (typeof $date === "number") return new Date($date);
  if (Array.isArray($object)) return Object.fromEntries($object.map(decodeEntry) as [string, unknown][]);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, decode(held)]));
}

function decodeEntry(entry: unknown): [unknown, unknown] {
  const [key, held] = entry as [unknown, unknown];
  return [decode(key), decode(held)];
}
