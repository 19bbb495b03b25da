/** The value of a key that the object has itself: a deleted key named "constructor" is not what `Object.prototype` has there. */
export function ownValue(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? (Reflect.get(object, key) as unknown) : undefined;
}
