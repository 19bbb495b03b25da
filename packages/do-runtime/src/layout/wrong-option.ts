import { describe, PersistError, toError } from "../errors.ts";

/** The options of `persisted()`, as a program without types may give them; `made` is the initial state made of them. */
interface Given {
  readonly made: unknown;
  readonly state: unknown;
  readonly persistedKeys: unknown;
  readonly commit: unknown;
  readonly layout: unknown;
  readonly version: unknown;
  /** What is true or false. */
  readonly switches: Readonly<Record<string, unknown>>;
}

/** The error for the first option that isn't what the types say; a misspelt one would else mean the default. */
export function wrongOption(given: Given): PersistError {
  const { made, state, persistedKeys, commit, layout, version, switches } = given;
  if (commit !== "turn" && commit !== "group")
    return invalid(`commit is ${shown(commit)}; give "turn" or "group"`);
  if (layout !== "keys" && layout !== "log")
    return invalid(`layout is ${shown(layout)}; give "keys" or "log"`);
  for (const [name, option] of Object.entries(switches))
    if (typeof option !== "boolean") return invalid(`${name} is ${shown(option)}; give true or false`);
  if (!Number.isFinite(version)) return invalid(`version is ${shown(version)}; give a finite number`);
  try {
    if (typeof state !== "function") structuredClone(state);
  } catch (cause) {
    return invalid(
      `the initial state can't be cloned (${toError(cause).message}), and objects must not share it; give \`state\` as a function that makes a new one`,
      cause,
    );
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

function invalid(message: string, cause?: unknown): PersistError {
  return new PersistError("INVALID_OPTION", { message, cause });
}

function shown(option: unknown): string {
  return typeof option === "string" ? JSON.stringify(option) : describe(option);
}
