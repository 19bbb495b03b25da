import { expect, it } from "vitest";
import { defineConnection } from "../../../packages/do-runtime/src/definition.ts";
import { askForMeta } from "../../../packages/do-runtime/src/route.ts";

it.each([
  ["nothing", undefined, "returned undefined without a userId"],
  ["no userId", { token: 1n }, "returned an object without a userId"],
  [
    "an empty one",
    { userId: "" },
    "without a userId that is a string and not empty; return at least { userId: string }",
  ],
])(
  "[C4] says what is wrong with what extractMeta returns, and nothing that is in it: %s",
  async (_, meta, found) => {
    const connection = defineConnection({ name: "Chat", extractMeta: () => meta as never });

    const asked = askForMeta(connection, new Request("https://chat.test/ws"));

    await expect(asked).rejects.toMatchObject({
      code: "INVALID_META",
      message: expect.stringContaining(`extractMeta of "Chat" returned`),
    });
    await expect(asked).rejects.toThrow(found);
  },
);
