import { Node } from "../node.js";

/** Follows a Date as one value, whichever part of it is read. */
export class DateNode extends Node {
  protected override open(): object {
    return new ReactiveDate(this);
  }

  override eachChild(): void {}

  override replaceChild(): void {}
}

/**
 * Carries the same time as the raw Date at every moment, so that what reads the time without calling a method
 * (`new Date(date)`, `structuredClone(date)`) finds it, too.
 */
export class ReactiveDate extends Date {
  readonly #node: DateNode;

  constructor(node: DateNode) {
    super((node.raw as Date).getTime());
    this.#node = node;
  }

  static nodeOf(date: ReactiveDate): DateNode {
    return date.#node;
  }
}

type DateMethod = (this: Date, ...args: unknown[]) => unknown;

for (const name of Reflect.ownKeys(Date.prototype)) {
  const native: unknown = Reflect.get(Date.prototype, name);
  if (typeof native !== "function" || name === "constructor") continue;
  const method = native as DateMethod;
  const isSetter = typeof name === "string" && name.startsWith("set");
  Object.defineProperty(ReactiveDate.prototype, name, {
    configurable: true,
    writable: true,
    value(this: ReactiveDate, ...args: unknown[]): unknown {
      const node = ReactiveDate.nodeOf(this);
      const raw = node.raw as Date;
      if (!isSetter) {
        node.trackStructure();
        return method.apply(raw, args);
      }
      const before = raw.getTime();
      const result = method.apply(raw, args);
      const after = raw.getTime();
      Date.prototype.setTime.call(this, after);
      if (!Object.is(before, after)) {
        node.changed("time", before, after);
        node.triggerStructure();
      }
      return result;
    },
  });
}

Object.defineProperty(ReactiveDate.prototype, "constructor", {
  value: Date,
  configurable: true,
  writable: true,
});
