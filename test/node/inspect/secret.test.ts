import { expect, it } from "vitest";
import { isSecret } from "../../../packages/do-runtime/src/inspect-secret.ts";

it.each([
  ["right", "right", true],
  ["Right", "right", false],
  ["right ", "right", false],
  ["", "", false],
  [null, "right", false],
  [undefined, undefined, false],
  ["", undefined, false],
  ["undefined", undefined, false],
])("[I5] compares %o with %o: %o", async (given, secret, answer) => {
  expect(await isSecret(given, secret)).toBe(answer);
});
