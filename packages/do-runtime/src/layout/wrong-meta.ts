import { describe, PersistError } from "../errors.ts";
import { FORMATS, isRecord } from "./meta.ts";
import { META_ROW } from "./rows.ts";

/** What to do about a record or a row that can't be read. */
export const EARLIER =
  "a SQLite-backed object can go back to an earlier bookmark (storage.onNextSessionRestoreBookmark)";

/** The error for a record that can't be read. */
export function metaError(cause: unknown): PersistError {
  return new PersistError("STORED_VALUE_UNREADABLE", {
    message: `the record "${META_ROW}" can't be read, and without it nothing tells what is stored; ${EARLIER}`,
    cause,
  });
}

/** The error for what stands in the record's place and is none that this version reads. */
export function wrongMeta(stored: unknown): PersistError {
  const format = isRecord(stored) ? stored["format"] : undefined;
  if (typeof format !== "number" || (format >= FORMATS.keys && format <= FORMATS.log))
    return metaError(
      new TypeError(
        isRecord(stored) ? `its fields are ${Object.keys(stored).join(", ")}` : `it is ${describe(stored)}`,
      ),
    );
  return new PersistError("STORED_VERSION_NEWER", {
    message: `the record "${META_ROW}" has format ${format}, this version reads formats ${FORMATS.keys} to ${FORMATS.log}; deploy the version that wrote it, or a newer one`,
  });
}
