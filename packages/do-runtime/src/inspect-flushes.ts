// What an inspected object remembers of its writes.
import type { Patch } from "@dormouse/reactive";
import { pathText } from "./inspect-shape.ts";
import { inspectValue } from "./inspect-value.ts";
import type { InspectedChange, InspectedFlush } from "./inspection.ts";
import { META_ROW } from "./layout/rows.ts";
import type { Flush } from "./persister.ts";

const MAX_FLUSHES = 50;
const MAX_CHANGES = 20;
/** A line's worth of a value. */
const BRIEF = { maxValues: 12, maxTextLength: 80, maxDepth: 3 };

/** A write of the log: its outcome comes later. */
type LoggedFlush = Omit<InspectedFlush, "result"> & { result: InspectedFlush["result"] };

/** The last 50 writes. */
export class FlushLog {
  readonly #flushes: LoggedFlush[] = [];
  #count = 0;
  #bytes = 0;

  /** Size of all values written since the object woke. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The newest first. */
  get newest(): readonly InspectedFlush[] {
    return this.#flushes.toReversed();
  }

  add({ changes, puts, deletes, bytes: measure, stored }: Flush): void {
    const all = [...changes].flatMap(([key, { patches }]) =>
      (patches ?? [undefined]).map((patch) => ({ key, patch })),
    );
    const bytes = measure();
    this.#count++;
    this.#bytes += bytes;
    const flush: LoggedFlush = {
      number: this.#count,
      at: Date.now(),
      rows: puts.size + deletes.size,
      hasRecord: puts.has(META_ROW),
      bytes,
      result: "submitted",
      changes: all.slice(0, MAX_CHANGES).map(describeChange),
      moreChanges: Math.max(0, all.length - MAX_CHANGES),
    };
    this.#flushes.push(flush);
    if (this.#flushes.length > MAX_FLUSHES) this.#flushes.shift();
    void this.#await(flush, stored);
  }

  async #await(flush: LoggedFlush, stored: Promise<boolean>): Promise<void> {
    flush.result = (await stored) ? "stored" : "failed";
  }
}

function describeChange({ key, patch }: { key: string; patch: Patch | undefined }): InspectedChange {
  const path = pathText([key, ...(patch?.path ?? [])].map((step) => inspectValue(step)));
  if (patch === undefined) return { path, op: "assign" };
  switch (patch.op) {
    case "set":
    case "add":
      return { path, op: patch.op, value: inspectValue(patch.value, BRIEF) };
    case "splice": {
      const { index, remove, insert } = patch;
      return { path, op: "splice", value: inspectValue({ index, remove, insert }, BRIEF) };
    }
    default:
      return { path, op: patch.op };
  }
}
