// Stored values as JSON that a person can read: what JSON has no word for is named, what is too much is cut.

/** Anything that `JSON.stringify` keeps. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How much of a state is shown. */
export interface InspectLimits {
  /** Values shown in all; what comes after is counted only. Default: 5,000. */
  readonly maxValues: number;
  /** Characters shown of one text. Default: 1,000. */
  readonly maxTextLength: number;
  /** Levels shown. Default: 40. */
  readonly maxDepth: number;
}

/** How many values are left for each thing that comes after, so that what is large hides none of it; together at most half of what there is room for. */
const KEPT_FOR_EACH = 50;

const DEFAULT_LIMITS: InspectLimits = { maxValues: 5000, maxTextLength: 1000, maxDepth: 40 };

/**
 * Gives readable JSON for a value.
 *
 * What JSON can't say is an object with one key that begins with "$": `{ $Map: entries }`, `{ $Set: members }`, `{ $Date: ISO text }`, `{ $BigInt:
 * digits }`, `{ $number: "NaN" }`, `{ $undefined: true }`, `{ $string: beginning, $length }`, `{ $Uint8Array: length }`, `{ $Error: text }`,
 * `{ $unreadable: why }` where looking throws, `{ $again: true }` inside itself, `{ $object: entries }` where a key begins with "$". `$more` counts what was left out.
 */
export function inspectValue(value: unknown, limits: Partial<InspectLimits> = {}): Json {
  return new Reader({ ...DEFAULT_LIMITS, ...limits }).read(value);
}

class Reader {
  readonly #limits: InspectLimits;
  readonly #above: object[] = [];
  #count = 0;
  /** Up to which count what is read now may go. */
  #end: number;

  constructor(limits: InspectLimits) {
    this.#limits = limits;
    this.#end = limits.maxValues;
  }

  read(value: unknown): Json {
    this.#count++;
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : { $number: Object.is(value, -0) ? "-0" : String(value) };
      case "boolean":
        return value;
      case "undefined":
        return { $undefined: true };
      case "bigint":
        return { $BigInt: this.#brief(value) };
      case "object":
        return value === null ? null : this.#object(value);
      default:
        return { [`$${typeof value}`]: this.#brief(value) };
    }
  }

  #text(text: string): Json {
    const { maxTextLength } = this.#limits;
    return text.length <= maxTextLength
      ? text
      : { $string: text.slice(0, maxTextLength), $length: text.length };
  }

  /** The text of what isn't a string. */
  #brief(value: unknown): string {
    const { maxTextLength } = this.#limits;
    const text = String(value);
    return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
  }

  #object(value: object): Json {
    if (this.#above.includes(value)) return { $again: true };
    if (this.#above.length >= this.#limits.maxDepth) return { $more: 1 };
    this.#above.push(value);
    try {
      return this.#inside(value);
    } catch (thrown) {
      // A getter, or a proxy, of what is in memory only.
      return { $unreadable: this.#brief(thrown) };
    } finally {
      this.#above.pop();
    }
  }

  #inside(value: object): Json {
    if (Array.isArray(value)) {
      const { shown, more } = this.#some(value, value.length, (item) => this.read(item));
      return more === 0 ? shown : { $array: shown, $more: more };
    }
    if (value instanceof Map) return this.#collection("$Map", value, (entry) => this.#pair(entry));
    if (value instanceof Set) return this.#collection("$Set", value, (member) => this.read(member));
    if (value instanceof Date)
      return { $Date: Number.isNaN(value.getTime()) ? "invalid" : value.toISOString() };
    if (value instanceof Error) return { $Error: this.#brief(`${value.name}: ${value.message}`) };
    for (const type of [RegExp, Number, String, Boolean, BigInt])
      if (value instanceof type) return { [`$${type.name}`]: this.#brief(value) };
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return { [`$${value.constructor.name}`]: value.byteLength };
    }
    const entries = Object.entries(value);
    const { shown, more } = this.#some(entries, entries.length, (entry) => this.#pair(entry));
    if (more > 0 || shown.some(([key]) => typeof key !== "string" || key.startsWith("$"))) {
      return more === 0 ? { $object: shown } : { $object: shown, $more: more };
    }
    return Object.fromEntries(shown as [string, Json][]);
  }

  #collection<Item>(
    name: string,
    items: { readonly size: number } & Iterable<Item>,
    read: (item: Item) => Json,
  ): Json {
    const { shown, more } = this.#some(items, items.size, read);
    return more === 0 ? { [name]: shown } : { [name]: shown, $more: more };
  }

  #pair([key, held]: [unknown, unknown]): [Json, Json] {
    return [typeof key === "string" ? this.#text(key) : this.read(key), this.read(held)];
  }

  #some<Item, Shown>(
    items: Iterable<Item>,
    count: number,
    read: (item: Item) => Shown,
  ): { shown: Shown[]; more: number } {
    const shown: Shown[] = [];
    const end = this.#end;
    for (const item of items) {
      const room = end - this.#count;
      if (room <= 0) break;
      const after = count - shown.length - 1;
      this.#end = end - Math.min(after * KEPT_FOR_EACH, Math.floor(room / 2));
      shown.push(read(item));
    }
    this.#end = end;
    return { shown, more: count - shown.length };
  }
}
