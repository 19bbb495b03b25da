import { describe, formatPath, PersistError, toError } from "../errors.ts";
import { inspect } from "../values/encode.ts";

/** The options of `persisted()`, as a program without types may give them; `made` is the initial state made of them. */
interface Given {
  readonly storage: unknown;
  readonly made: unknown;
  readonly state: unknown;
  readonly persistedKeys: unknown;
  readonly commit: unknown;
  readonly layout: unknown;
  readonly version: unknown;
  /** What is true or false. */
  readonly switches: Readonly<Record<string, unknown>>;
  /** What is a function or nothing. */
  readonly functions: Readonly<Record<string, unknown>>;
  readonly persistOptions: unknown;
  /** What is in `persistOptions` beside the switches. */
  readonly others: object;
  /** The options that none of these is. */
  readonly rest: object;
}

/** The error for the first option that isn't what the types say; a misspelt one would else mean the default. */
export function wrongOption(given: Given): PersistError {
  const { storage, made, state, persistedKeys, commit, layout, version, persistOptions } = given;
  if (typeof Object(storage).transaction !== "function")
    return invalid(`storage is ${shown(storage)}; pass \`ctx.storage\``);
  if (commit !== "turn" && commit !== "group")
    return invalid(`commit is ${shown(commit)}; give "turn" or "group"`);
  if (layout !== "keys" && layout !== "log")
    return invalid(`layout is ${shown(layout)}; give "keys" or "log"`);
  if (typeof persistOptions !== "object" || persistOptions === null)
    return invalid(`persistOptions is ${shown(persistOptions)}; give an object, as { shallow: false }`);
  for (const [name, option] of Object.entries(given.switches))
    if (typeof option !== "boolean") return invalid(`${name} is ${shown(option)}; give true or false`);
  for (const [name, option] of Object.entries(given.functions))
    if (option !== undefined && typeof option !== "function")
      return invalid(`${name} is ${shown(option)}; give a function`);
  const [other] = Object.keys(given.others);
  if (other !== undefined)
    return invalid(`there is no option "persistOptions.${other}"; give any of shallow, throwOnError`);
  if ("shallow" in given.rest)
    return invalid("shallow stands beside persistOptions; write `persistOptions: { shallow: false }`");
  const [unknown] = Object.keys(given.rest);
  if (unknown !== undefined)
    return invalid(
      `there is no option "${unknown}"; give any of state, persistedKeys, persistOptions, onPersistError, layout, commit, schedule, version, migrate, onFlush`,
    );
  if (!Number.isFinite(version)) return invalid(`version is ${shown(version)}; give a finite number`);
  if (typeof state !== "function") {
    const refused = uncloneable(state, persistedKeys);
    if (refused !== undefined) return refused;
  }
  const keys = persistedKeys ?? Object.keys(made ?? {});
  if (!Array.isArray(keys))
    return invalid(`persistedKeys is ${shown(persistedKeys)}; give an array of the names of keys`);
  const wrong = keys.filter((key) => typeof key !== "string" || key === "__proto__" || !key.isWellFormed());
  if (wrong.length > 0) {
    const where = persistedKeys === undefined ? "the state" : "persistedKeys";
    return invalid(
      `${where} has ${describe(wrong[0])} in it; name the keys of the state as well-formed strings`,
    );
  }
  return invalid(
    `the initial state is ${shown(made)}; give an object with the keys of the state as properties`,
  );
}

/** The lists of keys, one a definition, of which it has been warned. */
const warnedOf = new WeakSet<readonly string[]>();

/**
 * Warns, once, of persisted keys that neither the initial state nor storage has: likely misspelt, so that what is meant is not stored. And of an
 * initial state without keys, at each wake.
 */
export function warnOfUnset(state: object, keys: readonly string[], deleted: ReadonlySet<string>): void {
  if (keys.length === 0)
    console.warn(
      "[persist] the initial state has no keys, and keys that it has not are not stored: nothing is; put what is to be stored under a key, as { items: {} }, or name the keys in persistedKeys",
    );
  const unset = keys.filter((key) => !Object.hasOwn(state, key) && !deleted.has(key));
  if (unset.length === 0 || warnedOf.has(keys)) return;
  warnedOf.add(keys);
  console.warn(
    `[persist] persistedKeys names ${unset.map(shown).join(", ")}, which the initial state has not; correct the name, or give the key there, as undefined where it has no value yet`,
  );
}

/** Storages to which it has warned that a second state is bound. */
const sharedBy = new WeakSet<object>();

/** Warns, once, of a second state on a storage: neither knows what the other writes, into the same record and the same rows of a log. */
export function warnOfSecond(storage: object): void {
  if (sharedBy.has(storage)) return;
  sharedBy.add(storage);
  console.warn(
    "[persist] a second persisted() on one storage: each writes over what the other one has, and changes are lost; open one for each object, with all keys in it, and keep it in a field, or dispose() of the first",
  );
}

/** The error for an initial state of which no clone is what it was. */
function uncloneable(state: unknown, persistedKeys: unknown): PersistError | undefined {
  try {
    inspect(state, []);
    structuredClone(state);
    return undefined;
  } catch (cause) {
    const path = cause instanceof PersistError ? (cause.path ?? []) : [];
    if (cause instanceof PersistError) {
      if (path.length === 0) return invalid(cause.message.replace('[persist] ""', "the initial state"));
      if (!Array.isArray(persistedKeys) || persistedKeys.includes(path[0])) return cause;
    }
    const what =
      path.length === 0
        ? `the initial state can't be cloned (${toError(cause).message})`
        : `the initial state's "${formatPath(path)}" can't be cloned`;
    return invalid(
      `${what}, and objects must not share it; give \`state\` as a function that makes a new one`,
      cause,
    );
  }
}

function invalid(message: string, cause?: unknown): PersistError {
  return new PersistError("INVALID_OPTION", { message, cause });
}

function shown(option: unknown): string {
  return typeof option === "string" ? JSON.stringify(option) : describe(option);
}
