import { describe, PersistError } from "../errors.ts";

/** The error for options that aren't what the types say; misspelt ones would else mean the default. */
export function wrongOption(commit: unknown, layout: unknown, version: unknown): PersistError {
  const message = `commit is ${shown(commit)}, layout ${shown(layout)}, version ${shown(version)}; give commit "turn" or "group", layout "keys" or "log", and a finite number as version`;
  return new PersistError("INVALID_OPTION", { message });
}

function shown(option: unknown): string {
  return typeof option === "string" ? JSON.stringify(option) : describe(option);
}
