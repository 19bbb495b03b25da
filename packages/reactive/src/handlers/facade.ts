import { refuseInstance } from "../kinds.js";
import type { Node } from "../node.js";

/**
 * Map, Set and Date keep their content where no proxy reaches, so what stands for one is a facade: a real Map, Set or Date
 * whose methods ask the raw one. That is also much faster than a proxy.
 */

const mixed = new WeakMap<object, object>();

/** The prototype of the facade that stands for `raw`: that of its class with what `facadePrototype` has. Throws if no facade can. */
export function facadePrototypeFor(raw: object, facadePrototype: object): object {
  const rawPrototype = Object.getPrototypeOf(raw) as object;
  const [own] = Reflect.ownKeys(raw);
  if (own !== undefined) {
    refuseInstance(
      rawPrototype.constructor.name,
      `it has the property "${String(own)}", which its facade lacks; keep that beside it`,
    );
  }
  const native = Object.getPrototypeOf(facadePrototype) as object;
  if (rawPrototype === native) return facadePrototype;
  let prototype = mixed.get(rawPrototype);
  if (prototype === undefined) {
    prototype = Object.create(rawPrototype) as object;
    for (const key of Reflect.ownKeys(facadePrototype)) {
      if (key === "constructor") continue;
      refuseOverride(rawPrototype, native, key);
      Object.defineProperty(
        prototype,
        key,
        Object.getOwnPropertyDescriptor(facadePrototype, key) as PropertyDescriptor,
      );
    }
    mixed.set(rawPrototype, prototype);
  }
  return prototype;
}

/** An own `set` of a subclass calls the native one on what it finds as `this`: the facade, past everything that follows it. */
function refuseOverride(rawPrototype: object, native: object, key: PropertyKey): void {
  for (let prototype = rawPrototype; prototype !== native; prototype = Object.getPrototypeOf(prototype)) {
    if (!Object.hasOwn(prototype, key)) continue;
    refuseInstance(
      prototype.constructor.name,
      `its class overrides ${String(key)}(); give the method a name of its own`,
    );
  }
}

/** Makes `facade` look like an instance of the class of `raw`. */
export function dress(facade: object, raw: object): object {
  const prototype = Object.getPrototypeOf(facade) as object;
  const wanted = facadePrototypeFor(raw, prototype);
  if (wanted !== prototype) Object.setPrototypeOf(facade, wanted);
  // What was put on the facade would be nowhere else.
  return Object.preventExtensions(facade);
}

/**
 * The only entry of a facade's own Map or Set: a clone of the facade fails, where else it would lose everything. A function would pass a call
 * to another object, as a stub.
 */
export const GUARD = Symbol("[reactive] a reactive Map or Set: give toRaw(value)");

/** What all iterators of the language inherit, the helpers among them. */
export const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object;

/** Walks a native iterator, and hands out objects as their views. */
export class ItemIterator {
  constructor(
    readonly source: MapIterator<unknown> | SetIterator<unknown>,
    readonly node: Node,
  ) {}

  get [Symbol.toStringTag](): string {
    return this.source[Symbol.toStringTag];
  }

  next(): unknown {
    const step = this.source.next();
    // The step is new at each call, so it may as well carry the view.
    if (typeof step.value === "object") step.value = this.node.wrap(step.value);
    return step;
  }
}
Object.setPrototypeOf(ItemIterator.prototype, IteratorPrototype);

/** The same for entries. */
export class EntryIterator extends ItemIterator {
  override next(): unknown {
    const step = this.source.next();
    const entry = step.value as unknown[] | undefined;
    if (entry !== undefined) {
      if (typeof entry[0] === "object") entry[0] = this.node.wrap(entry[0]);
      if (typeof entry[1] === "object") entry[1] = this.node.wrap(entry[1]);
    }
    return step;
  }
}
