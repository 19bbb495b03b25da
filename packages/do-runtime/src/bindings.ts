// How one object reaches another, and what to tell the developer whose wrangler.jsonc doesn't let it.
import { ConnectionError } from "./connection-error.ts";

/** Finds the namespace behind a binding; `purpose` completes "... lives there". */
export function namespaceOf(env: unknown, binding: string, purpose: string): DurableObjectNamespace {
  const bindings = isObject(env) ? env : {};
  const found = bindings[binding];
  if (isNamespace(found)) return found;
  const namespaces = Object.keys(bindings).filter((name) => isNamespace(bindings[name]));
  const others =
    namespaces.length === 0
      ? "no Durable Object bindings. Write"
      : `${namespaces.map((name) => `"${name}"`).join(", ")}. Name one of these in the definition, or write`;
  throw new ConnectionError(
    "BINDING_MISSING",
    `${purpose} lives in the Durable Objects bound as "${binding}", but ${
      found === undefined ? "there is no such binding" : `that binding is ${describeBinding(found)}`
    }; found ${others} in wrangler.jsonc:\n${howToBind(binding)}${
      Object.keys(bindings).length > 0
        ? ""
        : '\nIf it stands there, the env can\'t be imported: remove "disallow_importable_env" from compatibility_flags, and set "compatibility_date" to 2025-03-21 or later'
    }`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNamespace(value: unknown): value is DurableObjectNamespace {
  return isObject(value) && "idFromName" in value && typeof value.idFromName === "function" && "get" in value;
}

function describeBinding(value: unknown): string {
  return isObject(value) ? `a ${value.constructor.name}` : `a ${typeof value}`;
}

/** What to write in wrangler.jsonc. Only the program knows what it calls its class. */
export function howToBind(binding: string): string {
  return (
    `  "durable_objects": { "bindings": [{ "name": "${binding}", "class_name": "<exported class>" }] },\n` +
    `  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["<exported class>"] }]`
  );
}
