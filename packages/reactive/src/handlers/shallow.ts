import type { Node } from "../node.js";

/** A second proxy over a node's object: follows and notifies like the deep one, and hands out what is inside as it is. */
export class ShallowHandler implements ProxyHandler<object> {
  readonly #deep: ProxyHandler<object>;

  constructor(readonly node: Node & ProxyHandler<object>) {
    this.#deep = node;
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    this.#deep.get?.(target, key as string, this.node.getView());
    return Reflect.get(target, key, receiver);
  }

  set(target: object, key: PropertyKey, value: unknown): boolean {
    return this.#deep.set?.(target, key as string, value, this.node.getView()) ?? false;
  }

  has(target: object, key: PropertyKey): boolean {
    return this.#deep.has?.(target, key as string) ?? false;
  }

  ownKeys(target: object): (string | symbol)[] {
    return this.#deep.ownKeys?.(target) as (string | symbol)[];
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    this.#deep.getOwnPropertyDescriptor?.(target, key as string);
    return Reflect.getOwnPropertyDescriptor(target, key);
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return this.#deep.defineProperty?.(target, key as string, descriptor) ?? false;
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    return this.#deep.deleteProperty?.(target, key as string) ?? false;
  }
}
