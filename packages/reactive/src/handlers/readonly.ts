import { isObject } from "../kinds.js";
import { NODE, type Node, unwrap } from "../node.js";

type Methods = Record<PropertyKey, unknown>;

function refuse(what: PropertyKey): never {
  throw new TypeError(
    `[reactive] "${String(what)}" can't be changed through a readonly proxy; change it through reactive(...)`,
  );
}

/** Whether a method of a Map, Set or Date with this name changes it. */
export const isMutator = (key: PropertyKey) =>
  typeof key === "string" && /^(set.*|add|delete|clear|getOrInsert.*)$/.test(key);

const searches = new Set<PropertyKey>(["includes", "indexOf", "lastIndexOf"]);

/** Makes a readonly proxy of what a reader of the deep proxy gets. */
export type Present = (value: unknown) => unknown;

/**
 * The handler of a readonly proxy: asks the deep proxy, and hands out readonly what it answers.
 * Its target is a stand-in, as the object itself, if frozen, would promise plain children.
 */
export class ReadonlyHandler implements ProxyHandler<object> {
  readonly view: object;

  constructor(
    readonly node: Node,
    readonly present: Present,
  ) {
    this.view = new Proxy(Array.isArray(node.raw) ? [] : {}, this);
  }

  /** The deep proxy. */
  protected get source(): object {
    return this.node.getView();
  }

  get(_: object, key: PropertyKey, receiver: unknown): unknown {
    if (key === NODE) return receiver === this.view ? this.node : undefined;
    const { node } = this;
    // As the deep proxy does, without the trip through it.
    const value: unknown = node.get?.(node.raw, key, receiver);
    // The language's own methods read, and try to write, through this proxy; only searches must know raw objects.
    if (typeof value === "function" && Array.isArray(node.raw) && !searches.has(key)) {
      const native: unknown = Reflect.get(Array.prototype, key);
      if (Reflect.get(node.raw, key) === native) return native;
    }
    return this.present(value);
  }

  set(_: object, key: PropertyKey): boolean {
    return refuse(key);
  }

  deleteProperty(_: object, key: PropertyKey): boolean {
    return refuse(key);
  }

  defineProperty(_: object, key: PropertyKey): boolean {
    return refuse(key);
  }

  setPrototypeOf(): boolean {
    return refuse("prototype");
  }

  preventExtensions(): boolean {
    return refuse("extensibility");
  }

  has(_: object, key: PropertyKey): boolean {
    return Reflect.has(this.source, key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.source);
  }

  getPrototypeOf(): object | null {
    return Reflect.getPrototypeOf(this.source);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.source, key);
    if (descriptor === undefined) return undefined;
    // Only what the stand-in itself has may be told to stay for good, and as it has it: the length of an array.
    descriptor[Object.hasOwn(target, key) ? "writable" : "configurable"] = true;
    if (isObject(descriptor.value)) descriptor.value = this.present(descriptor.value);
    return descriptor;
  }
}

/** The handler of a readonly Map, Set or Date. */
export class ReadonlyFacadeHandler extends ReadonlyHandler {
  override get(_: object, key: PropertyKey, receiver: unknown): unknown {
    if (key === NODE) return receiver === this.view ? this.node : undefined;
    const { source, present } = this;
    if (isMutator(key)) return () => refuse(key);
    // What the user's class has runs on this proxy, where it can't write either.
    const owner = Object.hasOwn(Object.getPrototypeOf(source) as object, key) ? source : receiver;
    const value: unknown = Reflect.get(source, key, owner);
    if (owner !== source || typeof value !== "function" || key === "constructor") return present(value);
    return (...args: unknown[]): unknown => {
      const [visit] = args;
      if (key === "forEach" && typeof visit === "function") {
        args[0] = function (this: unknown, item: unknown, at: unknown, owner: unknown): unknown {
          return visit.call(this, present(item), present(at), present(owner));
        };
      }
      const result: unknown = value.apply(source, args);
      if (!isObject(result)) return result;
      if (typeof (result as Methods)["next"] === "function")
        return presentAll(result as Iterator<unknown>, present);
      return result instanceof Set && unwrap(result) === result
        ? new Set([...result].map(present))
        : present(result);
    };
  }
}

function presentAll(source: Iterator<unknown>, present: Present): Iterator<unknown> {
  return Iterator.from(source).map((item) =>
    Array.isArray(item) && unwrap(item) === item ? item.map(present) : present(item),
  );
}
