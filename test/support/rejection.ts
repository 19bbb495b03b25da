import { PersistError } from "@dormouse/do-runtime";
import { expect } from "vitest";

/** The `PersistError` that the promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<PersistError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PersistError);
  return error as PersistError;
}
