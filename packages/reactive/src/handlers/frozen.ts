import { batch } from "../signals.js";
import { isConsumed } from "../active-consumer.js";
import { ABSENT } from "../cells.js";
import { createLike } from "../content.js";
import { isObject } from "../kinds.js";
import { unwrap } from "../node.js";
import type { MethodTable } from "./array.js";
import { isPrototype, ObjectNode, refuseInTransaction } from "./object.js";

const LOSES = "robbed of what it can't get back";

/**
 * The node of an object or array that was frozen, sealed or made non-extensible before it became part of a tree.
 *
 * The language holds a proxy to what its target promises for good, and a frozen target promises its plain children. So
 * the target is a stand-in with the same promises about the proxies of the children.
 */
export class FrozenNode extends ObjectNode {
  #standIn: object | undefined = undefined;

  constructor(
    raw: object,
    readonly methods: MethodTable,
  ) {
    super(raw, FrozenNode.prototype.getProperty, FrozenNode.prototype.setProperty);
  }

  protected override open(): object {
    const { raw } = this;
    const standIn = createLike(raw);
    this.#standIn = standIn;
    // Set before the children are opened, one of which may be this again.
    this.view = new Proxy(standIn, this as ProxyHandler<object>);
    this.#mirrorAll();
    Object.preventExtensions(standIn);
    return this.view;
  }

  #mirrorAll(): void {
    for (const key of Reflect.ownKeys(this.raw)) this.#mirror(key);
  }

  #mirror(key: PropertyKey): void {
    if (this.#standIn === undefined) return;
    const descriptor = this.#presented(Object.getOwnPropertyDescriptor(this.raw, key));
    if (descriptor === undefined) Reflect.deleteProperty(this.#standIn, key);
    else Reflect.defineProperty(this.#standIn, key, descriptor);
  }

  /** The property as the proxy has it. */
  #presented(descriptor: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
    if (isObject(descriptor?.value)) descriptor.value = this.nodeOf(descriptor.value).peekView();
    return descriptor;
  }

  /** Who hears of a change reads through the stand-in, which has to follow first. */
  #mirrored(key: PropertyKey, change: () => boolean): boolean {
    return batch(() => {
      const done = change();
      this.#mirror(key);
      return done;
    });
  }

  override getProperty(_: object, key: PropertyKey, receiver: unknown): unknown {
    const value: unknown = Reflect.get(this.raw, key, receiver);
    const isMethod = typeof value === "function";
    // A method that is inherited stays what it is.
    if (isConsumed() && (!isMethod || Object.hasOwn(this.raw, key))) this.readFirst(key, value);
    if (isMethod) return (Array.isArray(this.raw) && this.methods.get(value)) || value;
    if (value === undefined) return this.getHidden(key, receiver);
    return isPrototype(this.raw, key) ? value : this.wrap(value);
  }

  override setProperty(_: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    if (key === "length" && Array.isArray(this.raw)) refuseInTransaction(LOSES);
    return this.#mirrored(key, () => this.setUncommon(this.raw, key, value, receiver));
  }

  override has(_: object, key: PropertyKey): boolean {
    return super.has(this.raw, key);
  }

  override ownKeys(): (string | symbol)[] {
    return super.ownKeys(this.raw);
  }

  override getOwnPropertyDescriptor(_: object, key: PropertyKey): PropertyDescriptor | undefined {
    return this.#presented(super.getOwnPropertyDescriptor(this.raw, key));
  }

  override defineProperty(_: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return this.#mirrored(key, () => super.defineProperty(this.raw, key, descriptor));
  }

  protected override refuseFixed(): void {}

  override deleteProperty(_: object, key: PropertyKey): boolean {
    if (Object.hasOwn(this.raw, key)) refuseInTransaction(LOSES);
    return this.#mirrored(key, () => super.deleteProperty(this.raw, key));
  }

  protected override wrote(...change: Parameters<ObjectNode["wrote"]>): void {
    const { claim, raw } = this;
    batch(() => {
      super.wrote(...change);
      // A shorter length takes elements along; the stand-in has them still.
      if (change[0] === "length" && Array.isArray(raw)) {
        const removed = (this.#standIn as unknown[]).slice(raw.length).map(unwrap);
        for (const item of removed) claim?.relink(undefined, item, ABSENT);
        claim?.tell({ kind: "splice", index: raw.length, removed, inserted: [] });
        this.refresh();
      }
      this.triggerContents();
    });
  }

  override setPrototypeOf(_: object, prototype: object | null): boolean {
    return Object.getPrototypeOf(this.raw) === prototype;
  }

  override restored(): void {
    super.restored();
    this.#mirrorAll();
  }
}
