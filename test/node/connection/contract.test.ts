import { expect, it } from "vitest";
import { type SchemaResult, validate } from "../../../packages/do-runtime/src/contract.ts";

const answering = (result: SchemaResult<unknown>) => ({
  "~standard": { version: 1 as const, vendor: "test", validate: () => result },
});

it("[C20] says that a schema refuses, also where the schema doesn't say why", async () => {
  const silent = [{ issues: [] }, { issues: [{ message: "" }] }];

  const answers = await Promise.all(silent.map((result) => validate(answering(result), 5)));

  const message = "The schema refuses it.";
  expect(answers).toEqual([
    { ok: false, message },
    { ok: false, message },
  ]);
});
