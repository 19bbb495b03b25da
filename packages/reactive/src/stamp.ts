/**
 * From a raw object to what is known of it.
 *
 * Private fields put onto the raw object itself: reading one takes half the time of a WeakMap look-up, writing one a
 * tenth, and the garbage collector has no table of ephemerons to go through. Nobody else can see them: not `Object.keys`, not
 * a structured clone, not a debugger's user.
 */
class Given extends null {
  constructor(raw: object) {
    return raw;
  }
}

/** What can't take fields: nothing today; frozen objects, once a version of the language refuses them there. Made when it is needed. */
let sealed: WeakMap<object, unknown> | undefined;

class Stamp<T> extends Given {
  readonly #node: T;

  /** Returns `raw`, with the field. */
  constructor(raw: object, node: T) {
    super(raw);
    this.#node = node;
  }

  static node(raw: object): unknown {
    return #node in raw ? (raw as Stamp<unknown>).#node : sealed?.get(raw);
  }
}

/** The node of a raw object, if it has one. */
export const stampedNode = Stamp.node;

export function stamp(raw: object, node: unknown): void {
  try {
    void new Stamp(raw, node);
  } catch {
    // A frozen object, where the language refuses fields to these.
    (sealed ??= new WeakMap()).set(raw, node);
  }
}
