import { batch } from "@preact/signals-core";
import { ABSENT, adopt, isObject, KeySignals, Node } from "../node.js";

/** Symbols of the language are read by the language; following them would only cost. */
const languageSymbols = new Set<unknown>(
  Object.getOwnPropertyNames(Symbol).map((name) => (Symbol as unknown as Record<string, unknown>)[name]),
);

const isAccessor = (descriptor: PropertyDescriptor) =>
  descriptor.get !== undefined || descriptor.set !== undefined;

/** Finds a setter for `key` on the object or above it. */
function inheritsAccessor(raw: object, key: PropertyKey): boolean {
  for (let owner: object | null = raw; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (descriptor !== undefined) return isAccessor(descriptor);
  }
  return false;
}

export class ObjectNode extends Node implements ProxyHandler<object> {
  protected values: KeySignals | undefined = undefined;
  protected presence: KeySignals | undefined = undefined;

  protected override open(): object {
    return new Proxy(this.raw, this);
  }

  override eachChild(visit: (value: object, key: unknown) => void): void {
    for (const key of Reflect.ownKeys(this.raw)) {
      const value: unknown = Object.getOwnPropertyDescriptor(this.raw, key)?.value;
      if (isObject(value)) visit(value, key);
    }
  }

  override replaceChild(key: unknown, value: object): void {
    if (!Reflect.set(this.raw, key as PropertyKey, value)) {
      throw new TypeError(
        `[reactive] the read-only property "${String(key)}" holds a reactive proxy; define it with toRaw(value) instead`,
      );
    }
  }

  get(target: object, key: PropertyKey, receiver: unknown): unknown {
    const value: unknown = Reflect.get(target, key, receiver);
    if (!languageSymbols.has(key)) this.track(key, value);
    return this.wrap(value);
  }

  protected track(key: PropertyKey, value: unknown): void {
    if (!this.realm.isTracking) return;
    // A getter is run again by its reader, and what it read was tracked then.
    if (isObject(this.raw) && !Object.hasOwn(this.raw, key) && inheritsAccessor(this.raw, key)) return;
    (this.values ??= new KeySignals()).track(key, value);
  }

  set(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    const own = Object.getOwnPropertyDescriptor(target, key);
    if (receiver !== this.view || (own === undefined ? inheritsAccessor(target, key) : isAccessor(own))) {
      return Reflect.set(target, key, value, receiver);
    }
    const raw = adopt(value, this.realm);
    if (own !== undefined && Object.is(own.value, raw)) {
      this.reassigned(key, raw);
      return own.writable === true;
    }
    this.check(raw, key);
    if (!Reflect.set(target, key, raw)) return false;
    this.wrote(key, own, raw);
    return true;
  }

  /** The value was there already. Who tracks shallowly can't know whether its inside is still the same. */
  protected reassigned(key: PropertyKey, value: unknown): void {
    if (!isObject(value) || this.claim?.holders?.some((holder) => holder.isShallow) !== true) return;
    this.changed(key, value, value);
  }

  /** After a write of the raw object: `before` is what was there. */
  protected wrote(key: PropertyKey, before: PropertyDescriptor | undefined, value: unknown): void {
    this.changed(key, before?.value, value);
    if (this.values === undefined && this.presence === undefined && this.structure === undefined) return;
    batch(() => {
      this.values?.trigger(key, value === ABSENT ? undefined : value);
      if ((before === undefined) !== (value === ABSENT)) {
        this.presence?.trigger(key, value !== ABSENT);
        this.triggerStructure();
      }
    });
  }

  has(target: object, key: PropertyKey): boolean {
    const present = Reflect.has(target, key);
    this.trackPresence(key, present);
    return present;
  }

  protected trackPresence(key: PropertyKey, present: boolean): void {
    if (languageSymbols.has(key) || !this.realm.isTracking || this.followsStructure) return;
    (this.presence ??= new KeySignals()).track(key, present);
  }

  ownKeys(target: object): (string | symbol)[] {
    this.trackStructure();
    return Reflect.ownKeys(target);
  }

  getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    this.trackPresence(key, descriptor !== undefined);
    if (descriptor !== undefined && isObject(descriptor.value) && descriptor.configurable === true) {
      descriptor.value = this.wrap(descriptor.value);
    }
    return descriptor;
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const before = Object.getOwnPropertyDescriptor(target, key);
    const wanted = { ...descriptor };
    if ("value" in wanted) {
      wanted.value = adopt(wanted.value, this.realm);
      this.check(wanted.value, key);
    }
    if (!Reflect.defineProperty(target, key, wanted)) return false;
    const after = Object.getOwnPropertyDescriptor(target, key);
    if (before === undefined || !Object.is(before.value, after?.value) || before.get !== after?.get) {
      this.wrote(key, before, after?.value);
    }
    return true;
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    const before = Object.getOwnPropertyDescriptor(target, key);
    if (!Reflect.deleteProperty(target, key)) return false;
    if (before !== undefined) this.wrote(key, before, ABSENT);
    return true;
  }
}
