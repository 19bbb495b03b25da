import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as limits from "../../../packages/do-runtime/src/limits.ts";
import { DEFAULT_MAX_MESSAGE_BYTES } from "../../../packages/do-runtime/src/protocol.ts";

const page = readFileSync("docs/limits-and-costs.md", "utf8");
const row = (name: string) =>
  page
    .split("\n")
    .find((line) => line.startsWith(`| ${name}`))
    ?.split("|")
    .slice(2, -1)
    .join("|");
const count = (value: number) => value.toLocaleString("en-US");

it("the page's limits are those that the code checks", () => {
  expect(row("key |")).toContain(`at most ${limits.SQLITE_LIMITS.maxValueBytes / 1e6} MB`);
  expect(row("key |")).toContain(`${count(limits.KV_LIMITS.maxKeyBytes)} bytes`);
  expect(row("value |")).toContain(`${count(limits.KV_LIMITS.maxValueBytes)} bytes`);
  expect(row("keys in one call")).toContain(`${limits.MAX_KEYS_PER_CALL};`);
  expect(row("keys in one `list()` page")).toContain(count(limits.MAX_LIST_KEYS));
  expect(row("`ctx.meta`")).toContain(`${count(limits.MAX_ATTACHMENT_BYTES)} bytes`);
  expect(row("a message received")).toContain(`${limits.MAX_MESSAGE_BYTES / 2 ** 20} MiB by the platform`);
  expect(row("a message received")).toContain(`${DEFAULT_MAX_MESSAGE_BYTES / 2 ** 20} MiB by default`);
  expect(row("a close reason")).toContain(`${limits.MAX_CLOSE_REASON_BYTES} bytes`);
});
