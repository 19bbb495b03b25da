export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** What the engine does with an object: tracks its inside in one of five ways, or takes it as one opaque value. */
export type Kind = "object" | "array" | "map" | "set" | "date" | "opaque";

const toStringTag = (value: object) => Object.prototype.toString.call(value).slice(8, -1);

/** Classes whose instances have `#private` names; a proxy can't stand in for these. */
const privateClasses = new WeakMap<object, boolean>();
/** Two slashes in a text or a pattern are mostly those of a URL. */
const comment = /\/\*[^]*?\*\/|(?<![:\\])\/\/[^\n]*/g;
/**
 * A name that is declared (after a dot it is used, and what is static concerns the class alone) and, further on, used: what is code in the
 * text of a class can't be told simply, but no text, color or pattern is both.
 */
const privateName =
  /(?<!\.\s*|\bstatic\s*(?:(?:async|get|set)\s*)?\*?\s*)(#[\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:[=;(}]|\n)[^]*(?:\.\s*\1(?![\p{ID_Continue}$])|\1\s+in\b)/u;

function hasPrivateNames(constructor: object): boolean {
  let found = privateClasses.get(constructor);
  if (found === undefined) {
    const code = Function.prototype.toString.call(constructor).replace(comment, "");
    // Twice, as a name may be used above its declaration.
    found = code.startsWith("class") && privateName.test(code + code);
    privateClasses.set(constructor, found);
  }
  return found;
}

function isPlatformClass(constructor: unknown): boolean {
  if (typeof constructor !== "function") return false;
  return (
    (globalThis as Record<string, unknown>)[constructor.name] === constructor ||
    Function.prototype.toString.call(constructor).includes("[native code]")
  );
}

function kindOfInstance(value: object): Kind {
  if (ArrayBuffer.isView(value) || value instanceof Error) return "opaque";
  const kind = kindOfContainer(value);
  let withPrivateNames: string | undefined;
  for (
    let prototype: object | null = Object.getPrototypeOf(value);
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const constructor: unknown = Object.hasOwn(prototype, "constructor")
      ? (prototype as { constructor: unknown }).constructor
      : undefined;
    if (typeof constructor !== "function" || constructor === Object) continue;
    if (isPlatformClass(constructor)) {
      if (kind === undefined) return "opaque";
      break;
    }
    if (hasPrivateNames(constructor)) withPrivateNames ??= constructor.name;
  }
  if (withPrivateNames !== undefined) {
    refuseInstance(
      withPrivateNames,
      "its class has #private names, which no proxy reaches; keep them in public fields",
    );
  }
  if (kind !== undefined) return kind;
  return toStringTag(value) === "Object" || Symbol.toStringTag in value ? "object" : "opaque";
}

function kindOfContainer(value: object): Kind | undefined {
  if (Array.isArray(value)) return "array";
  if (value instanceof Map) return "map";
  if (value instanceof Set) return "set";
  return value instanceof Date ? "date" : undefined;
}

export function refuseInstance(name: string, reason: string): never {
  throw new TypeError(
    `[reactive] an instance of ${name} can't be tracked: ${reason}, or exclude the object with markRaw(object)`,
  );
}

export function kindOf(value: object): Kind {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return "object";
  if (prototype === Array.prototype) return "array";
  if (prototype === Map.prototype) return "map";
  if (prototype === Set.prototype) return "set";
  if (prototype === Date.prototype) return "date";
  return kindOfInstance(value);
}

const cloneable = /^(Object|Date|RegExp|Boolean|Number|String|BigInt|ArrayBuffer)$/;

/** Whether a structured clone keeps `value` itself (its inside is looked at separately). */
export function isCloneable(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (!isObject(value) || Array.isArray(value) || ArrayBuffer.isView(value)) return true;
  if (value instanceof Map || value instanceof Set || value instanceof Error) return true;
  return cloneable.test(toStringTag(value)) || !isBuiltIn(value);
}

/** A name of its own on `Symbol.toStringTag` doesn't make an object of the user's a platform object. */
function isBuiltIn(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  return isPlatformClass((prototype as { constructor?: unknown }).constructor);
}

/** An array's index as a number, any other name as it is. */
export function toPosition(key: PropertyKey): PropertyKey {
  if (typeof key !== "string") return key;
  const index = Number(key);
  return index >= 0 && index < 4294967295 && String(index) === key && Number.isInteger(index) ? index : key;
}
