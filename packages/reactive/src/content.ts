/** Remembers what a raw object holds, and returns what puts it back. */
export function saveContent(raw: object, isBare: boolean): () => void {
  if (raw instanceof Map) return saveAll(raw, (key, value) => raw.set(key, value));
  if (raw instanceof Set) return saveAll(raw, (member) => raw.add(member));
  if (raw instanceof Date) {
    const time = raw.getTime();
    return () => void raw.setTime(time);
  }
  return Array.isArray(raw) && isBare ? saveItems(raw) : saveProperties(raw);
}

function saveAll(
  raw: Map<unknown, unknown> | Set<unknown>,
  add: (key: unknown, value: unknown) => void,
): () => void {
  const saved = [...raw.entries()];
  return () => {
    raw.clear();
    for (const [key, value] of saved) add(key, value);
  };
}

function saveItems(list: unknown[]): () => void {
  const saved = list.slice();
  return () => {
    list.length = 0;
    list.length = saved.length;
    Object.assign(list, saved);
  };
}

function saveProperties(raw: object): () => void {
  const saved = Object.getOwnPropertyDescriptors(raw) as Record<PropertyKey, PropertyDescriptor>;
  const keys = Reflect.ownKeys(saved);
  return () => {
    let kept = 0;
    // What stands behind a key that was not there, or not yet, needs its place in the order again.
    for (const key of Reflect.ownKeys(raw))
      if (key === keys[kept]) kept++;
      else Reflect.deleteProperty(raw, key);
    for (const key of keys) Reflect.defineProperty(raw, key, saved[key] as PropertyDescriptor);
  };
}
