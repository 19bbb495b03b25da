// Takes the screenshots of the board in docs/images/: npm run docs:screenshots
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser } from "../../test/node/support/browser.ts";
import { startLocalWorker } from "../../test/node/support/local-worker.ts";

const WIDE: BrowserContextOptions = { viewport: { width: 1360, height: 850 } };
const NARROW: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
};
/** Long enough for a change to come back from the object and for the inspector to follow. */
const SETTLE_MS = 400;

async function open(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  await context.addInitScript((name) => {
    sessionStorage["name"] = name;
  }, name);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(".i-facts").first().waitFor({ state: "attached" });
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(SETTLE_MS);
}

async function check(page: Page, card: string, item: number): Promise<void> {
  await page.locator(`[data-card="${card}"] a`).click();
  await page.locator(".checklist input").nth(item).click();
  await page.waitForTimeout(SETTLE_MS);
  await page.keyboard.press("Escape");
}

/** Puts away the focus and the pointer. */
async function rest(page: Page): Promise<void> {
  await page.mouse.move(700, 560);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.waitForTimeout(SETTLE_MS);
}

const images = "docs/images";
mkdirSync(images, { recursive: true });
const dataDir = mkdtempSync(join(tmpdir(), "dormouse-screenshots-"));
const worker = await startLocalWorker("board", dataDir);
const browser = await launchBrowser();
try {
  const url = `${worker.url}/?board=winter`;
  const hazel = await open(browser, url, "Hazel", { ...WIDE, colorScheme: "light" });
  const wren = await open(browser, url, "Wren", { ...WIDE, colorScheme: "dark" });
  await say(wren, "The hedge is done. Nine baskets!");
  await check(wren, "nuts", 1);
  await say(hazel, "Nine! Then only the counting is left.");
  await wren.locator('[data-card="map"] a').press("Shift+ArrowRight");
  await hazel.getByRole("button", { name: "100 cheers" }).click();
  await say(wren, "I'll draw the map meanwhile.");
  await check(hazel, "nest", 0);
  for (const page of [hazel, wren]) await rest(page);
  await hazel.screenshot({ path: join(images, "board-light-wide.png") });
  await wren.screenshot({ path: join(images, "board-dark-wide.png") });

  const phone = await open(browser, `${url}#card/nuts`, "Moss", { ...NARROW, colorScheme: "light" });
  await phone.waitForTimeout(SETTLE_MS);
  await phone.screenshot({ path: join(images, "board-light-narrow.png") });
  const darkPhone = await open(browser, url, "Fern", { ...NARROW, colorScheme: "dark" });
  await darkPhone.getByRole("button", { name: "Inspector" }).tap();
  await darkPhone.getByRole("button", { name: "100 cheers" }).tap();
  await rest(darkPhone);
  await darkPhone.screenshot({ path: join(images, "board-dark-narrow.png") });
} finally {
  await browser.close();
  await worker.kill();
  rmSync(dataDir, { recursive: true, force: true });
}
