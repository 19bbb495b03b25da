import { batch } from "@preact/signals-core";
import { adopt, isObject, unwrap } from "../node.js";
import { ObjectNode } from "./object.js";

type Method = (this: unknown, ...args: never[]) => unknown;

const natives = Array.prototype as unknown as Record<string | symbol, (...args: unknown[]) => unknown>;

/** Methods that change the array in place: run on the raw array, and told as one change. */
const mutators = [
  "push",
  "pop",
  "shift",
  "unshift",
  "splice",
  "sort",
  "reverse",
  "copyWithin",
  "fill",
] as const;
/** Methods that compare with ===, and so have to be asked about the raw object. */
const searches = ["includes", "indexOf", "lastIndexOf"] as const;

export class ArrayNode extends ObjectNode {
  readonly #methods: Record<string, Method> = {};

  override get(target: object, key: PropertyKey, receiver: unknown): unknown {
    const method = typeof key === "string" ? this.#method(key) : undefined;
    if (
      method !== undefined &&
      (target as Record<string, unknown>)[key as string] === natives[key as string]
    ) {
      return method;
    }
    return super.get(target, key, receiver);
  }

  #method(key: string): Method | undefined {
    if (Object.hasOwn(this.#methods, key)) return this.#methods[key];
    if ((mutators as readonly string[]).includes(key)) {
      return (this.#methods[key] = (...args: unknown[]) => this.#mutate(key, args));
    }
    if ((searches as readonly string[]).includes(key)) {
      return (this.#methods[key] = (...args: unknown[]) => {
        this.trackStructure();
        return natives[key]?.apply(this.raw, [unwrap(args[0]), ...args.slice(1)]);
      });
    }
    return undefined;
  }

  #mutate(key: string, args: unknown[]): unknown {
    const raw = this.raw as unknown[];
    const before = [...raw];
    const values = key === "sort" ? args : args.map((arg) => adopt(arg, this.realm));
    for (const value of values) if (key !== "sort") this.check(value, raw.length);
    const compare = args[0];
    if (key === "sort" && typeof compare === "function") {
      values[0] = (a: unknown, b: unknown): unknown => compare(this.wrap(a), this.wrap(b));
    }
    const result = natives[key]?.apply(raw, values);
    this.#settle(before);
    if (result === raw) return this.view;
    return Array.isArray(result) ? result.map((value) => this.wrap(value)) : this.wrap(result);
  }

  /** Tells what changed between `before` and now. */
  #settle(before: readonly unknown[]): void {
    const raw = this.raw as unknown[];
    const claim = this.claim;
    if (claim !== undefined) {
      for (let index = 0; index < Math.max(before.length, raw.length); index++) {
        if (!Object.is(before[index], raw[index]) || index in before !== index in raw) {
          this.changed(index, before[index], raw[index]);
        }
      }
    }
    batch(() => {
      this.values?.refresh((key) => (raw as unknown as Record<string, unknown>)[key as string]);
      this.presence?.refresh((key) => (key as string) in raw);
      this.triggerStructure();
    });
  }

  override set(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    const raw = target as unknown[];
    if (key === "length" && receiver === this.view) {
      if (raw.length === value) return true;
      const before = [...raw];
      if (!Reflect.set(raw, "length", value)) return false;
      this.#settle(before);
      return true;
    }
    const length = raw.length;
    const done = super.set(target, key, value, receiver);
    if (raw.length !== length) this.values?.trigger("length", raw.length);
    return done;
  }

  override defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const raw = target as unknown[];
    const before = [...raw];
    const done = super.defineProperty(target, key, descriptor);
    if (raw.length !== before.length) this.#settle(before);
    return done;
  }

  protected override wrote(key: PropertyKey, before: PropertyDescriptor | undefined, value: unknown): void {
    batch(() => {
      super.wrote(key, before, value);
      this.triggerStructure();
    });
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    const raw = this.raw as unknown[];
    for (let index = 0; index < raw.length; index++) {
      const value = raw[index];
      if (isObject(value)) visit(value, index);
    }
    for (const key of Object.keys(raw).slice(raw.length)) {
      const value = (raw as unknown as Record<string, unknown>)[key];
      if (isObject(value)) visit(value, key);
    }
  }
}
