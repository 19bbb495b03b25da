import { PersistError } from "../errors.ts";

/** The error for options that aren't what the types say; misspelt ones would else mean the default. */
export function wrongOption(commit: unknown, layout: unknown, version: unknown): PersistError {
  const message = `commit is ${JSON.stringify(commit)}, layout ${JSON.stringify(layout)}, version ${JSON.stringify(version)}; give commit "turn" or "group", layout "keys" or "log", and a number as version`;
  return new PersistError("INVALID_OPTION", { message });
}
