import type { Storage } from "../storage.ts";
import { listRows } from "./read.ts";
import { KEY_PREFIX } from "./rows.ts";

/** The keys whose rows hold strings, those included that weren't asked for: a record written later must not claim them. */
export async function veraniKeys(storage: Storage, asked: ReadonlyMap<string, unknown>): Promise<string[]> {
  // One row that can't be read makes the list fail; those asked for are known anyway.
  const all = await listRows(storage, KEY_PREFIX).catch(() => new Map<string, unknown>());
  const strings = [...all, ...asked].filter(
    ([row, value]) => typeof value === "string" && row.startsWith(KEY_PREFIX),
  );
  return [...new Set(strings.map(([row]) => row.slice(KEY_PREFIX.length)))];
}
