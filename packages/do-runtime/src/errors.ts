/** What went wrong, as a word that a program can compare. */
export type PersistErrorCode =
  /** An option given to `persisted()` is wrong. */
  | "INVALID_OPTION"
  /** A key's name is longer than a storage key may be. */
  | "KEY_TOO_LARGE"
  /** A value, serialized, is larger than the storage takes. */
  | "VALUE_TOO_LARGE"
  /** A value holds something that storage can't keep, or would change: a function, a symbol, a class instance... */
  | "VALUE_NOT_STORABLE"
  /** What is stored can't be read back: a key's value, which is left as it is until the key is assigned, or a row of our own. */
  | "STORED_VALUE_UNREADABLE"
  /** What is stored was written by a newer version of this library or of the program. */
  | "STORED_VERSION_NEWER"
  /** `migrate` threw, or what it made could not be written; what is stored was left as it was. */
  | "MIGRATION_FAILED"
  /** The storage rejected the write, or the commit failed. */
  | "STORAGE_FAILED"
  /** `flush()` was called inside a storage transaction, whose rollback would undo it. */
  | "TRANSACTION_OPEN";

/** A step from the state's root to a nested value: a property, an index, a Map's key. */
export type Path = readonly unknown[];

/** What a `PersistError` is made of. */
export interface PersistErrorDetails {
  readonly message: string;
  readonly key?: string | undefined;
  readonly path?: Path | undefined;
  readonly cause?: unknown;
}

/**
 * Thrown, or given to `onPersistError`, when a part of the state can't be stored or restored.
 *
 * `key` is the top-level key of the state, if it is about one; `path` starts with that key and leads to the value.
 *
 * @example
 * try {
 *   await store.flush();
 * } catch (error) {
 *   if (error instanceof PersistError && error.code === "VALUE_TOO_LARGE") delete store.state.board;
 * }
 */
export class PersistError extends Error {
  override readonly name = "PersistError";
  readonly code: PersistErrorCode;
  readonly key: string | undefined;
  readonly path: Path | undefined;

  constructor(code: PersistErrorCode, { message, key, path, cause }: PersistErrorDetails) {
    super(`[persist] ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.key = key;
    this.path = path ?? (key === undefined ? undefined : [key]);
  }
}

/** The error for what is stored beside the state and can't be used; `without` says what is so without it. */
export function unreadable(row: string, without: string, cause: unknown): PersistError {
  const message = `what is stored in "${row}" can't be read; ${without}`;
  return new PersistError("STORED_VALUE_UNREADABLE", { message, cause });
}

/** The path as one would write it in a program: `board.cards[3].done`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (typeof step === "string" && /^[A-Za-z_$][\w$]*$/.test(step))
      text += text === "" ? step : `.${step}`;
    else if (typeof step === "string" && text === "") text += step;
    else text += `[${typeof step === "string" ? JSON.stringify(step) : describe(step)}]`;
  }
  return text;
}

/** A value in a few words, for a message: `a function`, `an instance of Board`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "function":
      return value.name === "" ? "a function" : `a function (${value.name})`;
    case "symbol":
      return `a symbol (${String(value)})`;
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) return "an array";
      const name = classOf(value);
      return name === "Object" ? "an object" : `an instance of ${name}`;
    }
    case "bigint":
      return `${value}n`;
    default:
      return String(value);
  }
}

function classOf(value: object): string {
  try {
    const constructor: unknown = Reflect.get(value, "constructor");
    if (typeof constructor === "function" && constructor.name !== "") return constructor.name;
    // As of a generator, whose constructor is no class.
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    // A proxy that doesn't let itself be looked at.
    return "Object";
  }
}

/** Has `onError`, which may fail itself, hear of an error; without one the log does. Never rejects. */
export async function tellError(error: Error, onError: (() => unknown) | undefined): Promise<void> {
  try {
    if (onError === undefined) console.error(error);
    else await onError();
  } catch (failure) {
    console.error(failure);
  }
}

/** What was thrown, as an `Error`: programs throw other things as well, some of which no string can be made of. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(describe(thrown), { cause: thrown });
}
