import { NODE } from "../node.js";
import type { ObjectNode } from "./object.js";

/** A second proxy of a node's object: follows and notifies like the deep one, and hands out what is inside as it is. */
export class ShallowHandler implements ProxyHandler<object> {
  readonly view: object;

  constructor(readonly node: ObjectNode) {
    this.view = new Proxy(node.raw, this);
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    if (key === NODE) return receiver === this.view ? this.node : undefined;
    const value: unknown = Reflect.get(target, key, receiver);
    if (value === undefined && key === "toJSON")
      return this.node.getProperty(target, key, this.node.getView());
    if (typeof key === "string") this.node.trackValue(key, value);
    return value;
  }

  set(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    // What inherits from this gets a property of its own.
    const owner = receiver === this.view ? this.node.getView() : receiver;
    return this.node.setProperty(target, key, value, owner);
  }

  has(target: object, key: PropertyKey): boolean {
    return this.node.has(target, key);
  }

  ownKeys(target: object): (string | symbol)[] {
    return this.node.ownKeys(target);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    this.node.trackPresence(key, Object.hasOwn(target, key), "own");
    return Reflect.getOwnPropertyDescriptor(target, key);
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return this.node.defineProperty(target, key, descriptor);
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    return this.node.deleteProperty(target, key);
  }
}
