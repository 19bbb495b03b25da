/**
 * Where two values differ, or `undefined`: by kind and prototype, with -0, NaN, holes, the order of Map and Set, and which references are
 * shared. Test libraries see some of these as equal, and stumble over keys such as "constructor".
 */
export function difference(a: unknown, b: unknown): string | undefined {
  const pairs = new Map<object, object>();
  const backward = new Map<object, object>();

  const compare = (left: unknown, right: unknown, path: string): string | undefined => {
    if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) {
      return Object.is(left, right) ? undefined : `${path}: ${show(left)} and ${show(right)}`;
    }
    if (pairs.has(left) || backward.has(right)) {
      return pairs.get(left) === right ? undefined : `${path}: not the same references`;
    }
    pairs.set(left, right);
    backward.set(right, left);
    if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return `${path}: not the same kind`;
    return compareInside(left, right, path);
  };

  const compareInside = (left: object, right: object, path: string): string | undefined => {
    if (ArrayBuffer.isView(left) || left instanceof ArrayBuffer) {
      return bytesOf(left) === bytesOf(right) ? undefined : `${path}: not the same bytes`;
    }
    if (left instanceof Map && right instanceof Map) {
      const keys = compareList([...left.keys()], [...right.keys()], `${path}.keys()`);
      return keys ?? compareList([...left.values()], [...right.values()], `${path}.values()`);
    }
    if (left instanceof Set && right instanceof Set) return compareList([...left], [...right], path);
    if (left instanceof Date || isBox(left))
      return compare(left.valueOf(), right.valueOf(), `${path}.valueOf()`);
    if (left instanceof RegExp) return compare(String(left), String(right), path);
    const [leftKeys, rightKeys] = [keysOf(left), keysOf(right)];
    if (leftKeys.join() !== rightKeys.join())
      return `${path}: keys [${leftKeys.join()}] and [${rightKeys.join()}]`;
    return firstOf(leftKeys, (key) => compare(own(left, key), own(right, key), `${path}.${key}`));
  };

  const compareList = (
    left: readonly unknown[],
    right: readonly unknown[],
    path: string,
  ): string | undefined => {
    if (left.length !== right.length) return `${path}: ${left.length} and ${right.length} members`;
    return firstOf(left.keys(), (index) => compare(left[index], right[index], `${path}<${index}>`));
  };

  return compare(a, b, "value");
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function keysOf(object: object): string[] {
  const keys = Array.isArray(object) ? ["length", ...Object.keys(object)] : Object.keys(object).toSorted();
  if (object instanceof Error) keys.push("message", ...(Object.hasOwn(object, "cause") ? ["cause"] : []));
  return keys;
}

const own = (object: object, key: string): unknown => Reflect.get(object, key);

const isBox = (object: object): boolean =>
  [Number.prototype, String.prototype, Boolean.prototype, BigInt.prototype].includes(
    Object.getPrototypeOf(object) as never,
  );

function bytesOf(value: object): string {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value as ArrayBuffer);
  return bytes.join();
}

function show(value: unknown): string {
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return Object.is(value, -0) ? "-0" : `${typeof value} ${String(value)}`;
}
