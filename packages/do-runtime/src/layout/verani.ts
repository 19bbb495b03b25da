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

/** The forms in which Verani's JSON holds what JSON has no form for; each with exactly these fields. */
const forms: readonly {
  readonly fields: string;
  readonly type: string;
  readonly make: (stored: Record<string, unknown>) => unknown;
}[] = [
  { type: "Map", fields: "__type,entries", make: ({ entries }) => new Map(entries as [unknown, unknown][]) },
  { type: "Set", fields: "__type,values", make: ({ values }) => new Set(values as unknown[]) },
  {
    type: "RegExp",
    fields: "__type,source,flags",
    make: ({ source, flags }) => new RegExp(String(source), String(flags)),
  },
  {
    type: "Error",
    fields: "__type,name,message",
    make: ({ name, message }) =>
      Object.defineProperty(new Error(String(message)), "name", {
        value: String(name),
        writable: true,
        configurable: true,
      }),
  },
];

/**
 * Reads a value that Verani stored.
 *
 * A Date it stored is a string, since a Date's own `toJSON` came before Verani's replacer: a stored `{__type: "Date"}` is the user's own data, and
 * stays that. Throws for what is no JSON.
 */
export function parseVerani(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "__type")) return value;
    const stored = value as Record<string, unknown>;
    const fields = Object.keys(stored).join(",");
    return (
      forms.find((form) => form.type === stored["__type"] && form.fields === fields)?.make(stored) ?? value
    );
  });
}
