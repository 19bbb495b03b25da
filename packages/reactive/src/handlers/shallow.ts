import { NODE } from "../node.js";
import type { ObjectNode } from "./object.js";

/** A second proxy of a node's object: follows and notifies like the deep one, and hands out what is inside as it is. */
export class ShallowHandler implements ProxyHandler<object> {
  constructor(readonly node: ObjectNode) {}

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    if (key === NODE) return this.node;
    const value: unknown = Reflect.get(target, key, receiver);
    if (value === undefined && key === "toJSON")
      return this.node.getProperty(target, key, this.node.getView());
    if (typeof key === "string") this.node.trackValue(key, value);
    return value;
  }

  set(target: object, key: PropertyKey, value: unknown): boolean {
    return this.node.setProperty(target, key, value, this.node.getView());
  }

  has(target: object, key: PropertyKey): boolean {
    return this.node.has(target, key);
  }

  ownKeys(target: object): (string | symbol)[] {
    return this.node.ownKeys(target);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    this.node.trackPresence(key, Object.hasOwn(target, key));
    return Reflect.getOwnPropertyDescriptor(target, key);
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return this.node.defineProperty(target, key, descriptor);
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    return this.node.deleteProperty(target, key);
  }
}
