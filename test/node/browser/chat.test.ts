import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { type LocalWorker, startLocalWorker } from "../support/local-worker.ts";
import { faultsOf } from "./accessibility.ts";

let dataDir: string;
let worker: LocalWorker;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  dataDir = await mkdtemp(join(tmpdir(), "dormouse-chat-"));
  worker = await startLocalWorker("chat", dataDir);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await worker?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

async function openTab(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(worker.url);
  await page.getByText("connected", { exact: true }).waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
}

it.each(["light", "dark"] as const)("the chat is readable, %s, however much is said", async (colorScheme) => {
  const [ann, bob] = [await openTab(), await openTab({ colorScheme, viewport: { width: 360, height: 640 } })];

  for (let number = 1; number <= 30; number++) await say(ann, `word ${number}`);
  await say(ann, "שלום, (עולם)!");
  await bob.getByText("שלום, (עולם)!").waitFor();

  for (const page of [ann, bob]) {
    expect(await faultsOf(page)).toEqual([]);
    for (const seen of [page.getByRole("status"), page.getByRole("textbox"), page.getByText("שלום, (עולם)!")])
      await expect.poll(() => seen.evaluate(isInSight)).toBe(true);
    const direction = await page
      .getByText("שלום, (עולם)!")
      .evaluate((text) => getComputedStyle(text).direction);
    expect(direction).toBe("rtl");
  }
});

function isInSight(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}
