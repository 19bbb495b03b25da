import { batch } from "../signals.js";
import { NODE, Node } from "../node.js";
import { dress } from "./facade.js";

/** The node of a Date, followed as one value whichever part of it is read. */
export class DateNode extends Node {
  get date(): Date {
    return this.raw as Date;
  }

  #facade: object | undefined = undefined;

  protected override open(): object {
    return dress(new ReactiveDate(this), this.raw);
  }

  /** `view` stays empty, so that every reader comes here: who is handed a Date reads its time, if only by `new Date(date)`. */
  override getView(): object {
    this.trackStructure();
    return this.peekView();
  }

  override peekView(): object {
    return (this.#facade ??= this.open());
  }

  #synchronize(): void {
    if (this.#facade !== undefined) Date.prototype.setTime.call(this.#facade, this.date.getTime());
  }

  /** After a setter ran: `before` is a Date with the time as it was. */
  noteTime(before: Date): void {
    this.#synchronize();
    batch(() => {
      this.claim?.tell({ kind: "value", before });
      this.triggerStructure();
    });
  }

  override restored(): void {
    this.#synchronize();
  }
}

/**
 * Carries the same time as the raw Date at every moment, so that what reads the time without calling a method
 * (`new Date(date)`, `structuredClone(date)`) finds it, too.
 */
export class ReactiveDate extends Date {
  readonly #node: DateNode;

  constructor(node: DateNode) {
    super(node.date.getTime());
    this.#node = node;
  }

  get [NODE](): Node | undefined {
    return #node in this ? this.#node : undefined;
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
      const node = this[NODE] as DateNode;
      if (!isSetter) {
        node.trackStructure();
        return method.apply(node.date, args);
      }
      node.beforeWrite(undefined, undefined);
      const before = new Date(node.date.getTime());
      const result = method.apply(node.date, args);
      if (!Object.is(before.getTime(), node.date.getTime())) node.noteTime(before);
      return result;
    },
  });
}

ReactiveDate.prototype.constructor = Date;
