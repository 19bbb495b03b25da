import { readFileSync } from "node:fs";
import { persisted } from "@dormouse/do-runtime";
import { memoryStorage } from "@dormouse/do-runtime/testing";
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
const millions = (value: number) => Number((value / 1e6).toFixed(2));
const usd = (value: number) =>
  value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

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

/** Rows that the example's message takes. */
async function rowsOf(layout: "keys" | "log"): Promise<number> {
  const storage = memoryStorage();
  const store = await persisted(storage, { state: { a: 0, b: 0, c: 0 }, layout });
  const message = async () => {
    store.state.a++;
    store.state.b++;
    store.state.c++;
    store.state.c++;
    await store.flush();
  };
  // The first one takes the record of the format along.
  await message();
  const before = storage.counts.rowsWritten;
  await message();
  return storage.counts.rowsWritten - before;
}

it("the page's example adds up, with the rows that a message takes", async () => {
  const messages = 1000 * 20 * 60 * 8 * 22;
  const costs = (rows: number) =>
    ` ${rows} | ${millions(rows * messages)} million | ${usd(millions(rows * messages) - 50)} `;
  const requests = messages / 20;
  const seconds = { busy: messages * 0.01, awake: 1000 * 8 * 22 * 3600 };

  expect(page).toContain(`${millions(messages)} million messages`);
  expect(row("a put for each")).toBe(costs(4));
  expect(row("layout `keys`")).toBe(costs(await rowsOf("keys")));
  expect(row("layout `log`")).toBe(costs(await rowsOf("log")));
  expect(page).toContain(
    `${usd(((requests - 1e6) / 1e6) * 0.15)} USD: ${millions(requests)} million requests`,
  );
  expect(page).toContain(`${count(seconds.busy * 0.128)} GB-s`);
  expect(page).toContain(
    `${millions(seconds.awake)} million seconds at 128 MB: ${usd(((seconds.awake * 0.128 - 400_000) / 1e6) * 12.5)} USD`,
  );
});
