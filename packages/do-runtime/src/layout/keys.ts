import { PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import { addedBytes, check, maxBytesIn, mostBytes, tooLarge } from "../values/checked.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import type { Change, Layout, Plan } from "./layout.ts";
import { type Batch, newBatch, rowOf } from "./rows.ts";
import { ownValue } from "../values/own-value.ts";
import { putNothing, setPlain } from "./parts.ts";

const noneRefused: ReadonlyMap<string, PersistError> = new Map();

interface KeyRow {
  readonly row: string;
  readonly maxBytes: number;
}

/** One row a key, with the value itself in it. */
export class KeysLayout implements Layout {
  readonly #raw: Record<string, unknown>;
  readonly #bookkeeping: Bookkeeping;
  readonly #limits: StorageLimits;
  /** By key: what of its row is the same at every write. */
  readonly #rows = new Map<string, KeyRow>();
  // At most how many bytes a value takes. Measuring walks the whole value, so patches only add to it until it nears the limit. What is refused
  // or rejected comes again whole, and is measured then.
  readonly #bytes = new Map<string, number>();

  constructor(raw: object, bookkeeping: Bookkeeping, limits: StorageLimits) {
    this.#raw = raw as Record<string, unknown>;
    this.#bookkeeping = bookkeeping;
    this.#limits = limits;
  }

  plan(changes: ReadonlyMap<string, Change>): Plan {
    const batch = newBatch();
    const keys: string[] = [];
    let refused = noneRefused;
    for (const [key, change] of changes) {
      try {
        this.#add(key, change, batch);
        keys.push(key);
      } catch (error) {
        if (!(error instanceof PersistError)) throw error;
        refused = new Map(refused).set(key, error);
      }
    }
    // Also where no key is left: a record that was rejected with them is needed by what was written since.
    const settle = this.#bookkeeping.addTo(batch);
    return { batch, keys, refused, settle };
  }

  emptied(): Layout {
    return new KeysLayout(this.#raw, this.#bookkeeping.emptied(0), this.#limits);
  }

  #add(key: string, { patches }: Change, batch: Batch): void {
    const { row, maxBytes } = this.#rows.get(key) ?? this.#addRow(key);
    const value = ownValue(this.#raw, key);
    if (value === undefined) {
      putNothing(key, this.#raw, this.#bookkeeping, batch);
      this.#bytes.delete(key);
      return;
    }
    batch.puts[row] = this.#checked(key, value, patches, maxBytes);
    setPlain(key, this.#bookkeeping, batch);
  }

  #addRow(key: string): KeyRow {
    const name = rowOf(key);
    const row = { row: name, maxBytes: maxBytesIn(name, key, this.#limits) };
    this.#rows.set(key, row);
    return row;
  }

  #checked(key: string, value: unknown, patches: Change["patches"], maxBytes: number): unknown {
    const most = mostBytes(value);
    if (most !== undefined && most <= maxBytes) return value;
    const known = patches === null ? undefined : this.#bytes.get(key);
    const added = known === undefined || patches === null ? undefined : addedBytes(key, patches);
    if (known !== undefined && added !== undefined && known + added <= maxBytes) {
      this.#bytes.set(key, known + added);
      return value;
    }
    const checked = check(key, value);
    if (checked.bytes > maxBytes) throw tooLarge(key, checked.bytes, maxBytes);
    // A value with narrow views in it has to be looked at each time.
    if (checked.isCopy) this.#bytes.delete(key);
    else this.#bytes.set(key, checked.bytes);
    return checked.value;
  }
}
