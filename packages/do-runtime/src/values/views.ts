/**
 * A copy of `value` in which the given views stand on buffers of their own size.
 *
 * Structured clone stores the whole buffer of a view: two bytes of a 100 KB buffer take 100 KB.
 */
export function withoutNarrowViews(value: unknown, narrow: ReadonlySet<ArrayBufferView>): unknown {
  const copies = new Map<object, unknown>();

  const copy = (original: unknown): unknown => {
    if (typeof original !== "object" || original === null) return original;
    if (copies.has(original)) return copies.get(original);
    if (ArrayBuffer.isView(original) && narrow.has(original)) {
      const cut = cutOut(original);
      copies.set(original, cut);
      return cut;
    }
    if (Array.isArray(original)) {
      const array: unknown[] = [];
      copies.set(original, array);
      array.length = original.length;
      copyProperties(original, array);
      return array;
    }
    if (original instanceof Map) {
      const map = new Map<unknown, unknown>();
      copies.set(original, map);
      for (const [key, inner] of original as Map<unknown, unknown>) map.set(copy(key), copy(inner));
      return map;
    }
    if (original instanceof Set) {
      const set = new Set<unknown>();
      copies.set(original, set);
      for (const member of original as Set<unknown>) set.add(copy(member));
      return set;
    }
    const prototype: unknown = Object.getPrototypeOf(original);
    // What is neither container nor plain can be put as it is; the put clones it.
    if (prototype !== Object.prototype && prototype !== null) return original;
    const object = {};
    copies.set(original, object);
    copyProperties(original, object);
    return object;
  };

  const copyProperties = (from: object, to: object): void => {
    for (const key of Object.keys(from)) {
      const inner = copy(Reflect.get(from, key));
      Object.defineProperty(to, key, { value: inner, writable: true, enumerable: true, configurable: true });
    }
  };

  return copy(value);
}

function cutOut(view: ArrayBufferView): ArrayBufferView {
  const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  if (view instanceof DataView) return new DataView(buffer);
  const Constructor = view.constructor as new (buffer: ArrayBufferLike) => ArrayBufferView;
  return new Constructor(buffer);
}
