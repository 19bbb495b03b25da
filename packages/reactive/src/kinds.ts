/** What the engine does with an object: tracks its inside in one of five ways, or takes it as one opaque value. */
export type Kind = "object" | "array" | "map" | "set" | "date" | "opaque";

const toStringTag = (value: object) => Object.prototype.toString.call(value).slice(8, -1);

/** Classes whose source has a `#private` name; a proxy can't stand in for their instances. */
const privateClasses = new WeakMap<object, boolean>();
const withoutText = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

function hasPrivateNames(constructor: object): boolean {
  let found = privateClasses.get(constructor);
  if (found === undefined) {
    const source = Function.prototype.toString.call(constructor).replace(withoutText, "");
    found = source.startsWith("class") && /#[\p{ID_Start}$_]/u.test(source);
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
  if (value instanceof Map) return "map";
  if (value instanceof Set) return "set";
  if (value instanceof Date) return "date";
  if (ArrayBuffer.isView(value) || value instanceof Error) return "opaque";
  for (
    let prototype: object | null = Object.getPrototypeOf(value);
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const constructor: unknown = Object.hasOwn(prototype, "constructor")
      ? (prototype as { constructor: unknown }).constructor
      : undefined;
    if (constructor === undefined || constructor === Object) continue;
    if (isPlatformClass(constructor)) return "opaque";
    if (typeof constructor === "function" && hasPrivateNames(constructor)) {
      throw new TypeError(
        `[reactive] an instance of ${constructor.name} can't be tracked: its class has #private names, which no proxy reaches; ` +
          "keep them in public fields, or exclude the object with markRaw(object)",
      );
    }
  }
  return toStringTag(value) === "Object" || Symbol.toStringTag in value ? "object" : "opaque";
}

export function kindOf(value: object): Kind {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return "object";
  if (Array.isArray(value)) return "array";
  if (prototype === Map.prototype) return "map";
  if (prototype === Set.prototype) return "set";
  if (prototype === Date.prototype) return "date";
  return kindOfInstance(value);
}

/** Whether a structured clone keeps `value` itself (its inside is looked at separately). */
export function isCloneable(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  if (ArrayBuffer.isView(value) || value instanceof Error) return true;
  if (Array.isArray(value)) return true;
  switch (toStringTag(value)) {
    case "Object":
      return true;
    case "Map":
      return value instanceof Map;
    case "Set":
      return value instanceof Set;
    case "Date":
    case "RegExp":
    case "Boolean":
    case "Number":
    case "String":
    case "BigInt":
    case "ArrayBuffer":
      return true;
    default:
      return !isBuiltIn(value);
  }
}

/** A name of its own on `Symbol.toStringTag` doesn't make an object of the user's a platform object. */
function isBuiltIn(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  return isPlatformClass((prototype as { constructor?: unknown }).constructor);
}
