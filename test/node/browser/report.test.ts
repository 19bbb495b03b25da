import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { faultsOf } from "./accessibility.ts";

it.each([
  { width: 1200, colorScheme: "light" },
  { width: 360, colorScheme: "dark" },
] as const)("the benchmarks' report is readable, $colorScheme, $width pixels wide", async (screen) => {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const { width, colorScheme } = screen;
  const page = await browser.newPage({ viewport: { width, height: 740 }, colorScheme });

  await page.goto(String(pathToFileURL("bench/report/index.html")));

  expect(await faultsOf(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
});
