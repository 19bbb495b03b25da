import { PersistError } from "../errors.ts";
import type { StorageLimits } from "../limits.ts";
import type { Storage } from "../storage.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { KeysLayout } from "./keys.ts";
import type { Layout, Wanted } from "./layout.ts";
import type { LayoutName } from "./meta.ts";
import { bookkeepingFor, restore, type Restored } from "./restore.ts";

/** The stored state, ready to go on with. */
export interface Opened {
  /** The values of the wanted keys that are stored. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly deleted: ReadonlySet<string>;
  /** What can't be read, by key; `""` for what concerns no single key. */
  readonly errors: readonly (readonly [key: string, error: PersistError])[];
  /** Keys to be written with the first flush, whatever it is about: their rows are in Verani's form. */
  readonly rewrite: readonly string[];
  /** The layout to write the given state with, once the values stand in it. */
  readonly layoutOf: (raw: object, isShallow: boolean) => Promise<Layout>;
}

/** Reads what is stored, migrates it, and brings it into the wanted layout. */
export async function open(storage: Storage, wanted: Wanted): Promise<Opened> {
  const { version, limits } = wanted;
  let { layout } = wanted;
  let restored = await restore(storage, wanted.keys, layout);
  if ((restored.meta?.version ?? 0) !== version) {
    const { migrate } = await import("./seldom.ts");
    if (await migrate(storage, restored, wanted)) restored = await restore(storage, wanted.keys, layout);
  }
  // What can't be read in a log stays as it is only while the log goes on.
  if (restored.log.keys.intersection(restored.unreadable).size > 0) layout = "log";
  const bookkeeping = bookkeepingFor(restored, { layout, version });
  if (restored.meta?.layout === "log" && layout === "keys") {
    const { foldLog } = await import("./seldom.ts");
    await wanted.write(foldLog(restored, bookkeeping, limits));
  }
  const { values, deleted, unreadable, foreign, meta } = restored;
  const keys = new Set(wanted.keys);
  return {
    values: new Map([...values].filter(([key]) => keys.has(key))),
    deleted: deleted.intersection(keys),
    errors: [...unreadable, ...restored.errors.map((error) => ["", error] as const)],
    rewrite: meta === undefined ? foreign.filter((key) => keys.has(key) && values.has(key)) : [],
    layoutOf: (raw, isShallow) => layoutOf(raw, isShallow, restored, keys, { layout, limits, bookkeeping }),
  };
}

async function layoutOf(
  raw: object,
  isShallow: boolean,
  { values, foreign, unreadable, log }: Restored,
  keys: ReadonlySet<string>,
  with_: { readonly layout: LayoutName; readonly limits: StorageLimits; readonly bookkeeping: Bookkeeping },
): Promise<Layout> {
  const { bookkeeping, limits } = with_;
  if (with_.layout === "keys") return new KeysLayout(raw, bookkeeping, limits);
  const { LogLayout } = await import("./seldom.ts");
  return new LogLayout(raw, bookkeeping, limits, {
    log,
    keys,
    // Patches can be applied to what is stored in our form; Verani's rows are written whole first.
    stored: [...values.keys()].filter((key) => !foreign.includes(key)),
    unreadable: unreadable.keys(),
    others: Object.fromEntries([...values].filter(([key]) => !keys.has(key))),
    isShallow,
  });
}
