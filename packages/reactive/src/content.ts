/** Remembers what a raw object holds, and returns what puts it back. */
export function saveContent(raw: object, isBare: boolean): () => void {
  if (raw instanceof Map) return saveEntries(raw, new Map(raw));
  if (raw instanceof Set) return saveEntries(raw, new Set(raw));
  if (raw instanceof Date) {
    const time = raw.getTime();
    return () => void raw.setTime(time);
  }
  return Array.isArray(raw) && isBare ? saveItems(raw) : saveProperties(raw);
}

function saveEntries(raw: Map<unknown, unknown> | Set<unknown>, saved: object): () => void {
  return () => {
    raw.clear();
    fillCopy(raw, saved, (value) => value);
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

/** An array, or an object with the prototype of `raw`, for its copy. */
export const createLike = (raw: object): object =>
  Array.isArray(raw) ? [] : (Object.create(Object.getPrototypeOf(raw)) as object);

/** Puts what `raw` holds into its empty copy, all of it writable, with `present` of each value. */
export function fillCopy(copy: object, raw: object, present: (value: unknown) => unknown): void {
  if (raw instanceof Map) {
    for (const [key, value] of raw) Map.prototype.set.call(copy, present(key), present(value));
  } else if (raw instanceof Set) {
    for (const member of raw) Set.prototype.add.call(copy, present(member));
  } else if (!(raw instanceof Date)) {
    for (const key of Reflect.ownKeys(raw)) {
      const descriptor = Object.getOwnPropertyDescriptor(raw, key) as PropertyDescriptor;
      if ("value" in descriptor) {
        descriptor.value = present(descriptor.value);
        descriptor.writable = true;
      }
      // The length of an array can't be.
      descriptor.configurable = key !== "length" || !Array.isArray(raw);
      Object.defineProperty(copy, key, descriptor);
    }
  }
}
