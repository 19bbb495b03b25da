// The board in a browser: a Worker of its own for each file of tests, and tabs at its boards.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { type LocalWorker, startLocalWorker } from "../support/local-worker.ts";

let dataDir: string;
let worker: LocalWorker;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  dataDir = await mkdtemp(join(tmpdir(), "dormouse-board-"));
  worker = await startLocalWorker("board", dataDir);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await worker?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

const complaints: string[] = [];

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

/** On a busy machine a browser's steps add up. */
export const timeout = 20_000;

/** An address of the Worker's. */
export const at = (path: string): string => worker.url + path;

/** A tab at a board, open and drawn. What it complains of fails the test. */
export async function openTab(board: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 850 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(worker.url) && !/^(?:data|ws):/.test(request.url())) {
      complaints.push(`a request to ${request.url()}`);
    }
  });
  await page.goto(at(`/?board=${board}`));
  await page.locator(".card").first().waitFor();
  // The meter counts from here on.
  await page.locator(".i-facts").first().waitFor({ state: "attached" });
  return page;
}

export const card = (page: Page, name: string): Locator => page.locator(`[data-card="${name}"]`);

export const openCard = (page: Page, name: string) => card(page, name).getByRole("link").click();

export const inColumn = (page: Page, column: string, name: string) =>
  page.locator(`[data-column="${column}"] [data-card="${name}"]`).waitFor();

export const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute("data-focus") ?? "");
