import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { faultsOf } from "./accessibility.ts";
import { at, card, inColumn, openCard, openTab, timeout } from "./board-tabs.ts";

const say = async (page: Page, text: string) => {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
};

/** Whether a message is in sight in the chat. */
const seen = (page: Page, text: string) =>
  page.getByText(text, { exact: true }).evaluate((it) => {
    const log = it.closest(".messages")?.getBoundingClientRect();
    const { top, bottom } = it.getBoundingClientRect();
    return log !== undefined && top >= log.top - 1 && bottom <= Math.min(log.bottom, innerHeight) + 1;
  });

describe("on every screen", { timeout }, () => {
  it("fits a phone, one part at a time", async () => {
    const page = await openTab("phone", {
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
    });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);

    for (const part of ["Chat", "Inspector", "Board"]) {
      const button = page.getByRole("button", { name: part, exact: true });
      await button.tap();
      expect(await button.getAttribute("aria-pressed")).toBe("true");
      expect(await width()).toBe(360);
      expect(await faultsOf(page)).toEqual([]);
    }
    await card(page, "nuts").getByRole("link").tap();
    await page.getByRole("combobox", { name: "Column" }).selectOption("done");
    expect(await width()).toBe(360);
    await page.getByRole("button", { name: "Close" }).tap();

    await inColumn(page, "done", "nuts");
  });

  it.each([1360, 360])("shows a card that was added below the fold, %i pixels wide", async (width) => {
    const page = await openTab(`fold-${width}`, { viewport: { width, height: 500 } });
    const input = page.getByLabel("New card in To do");

    for (let number = 1; number <= 8; number++) {
      await input.fill(`Card ${number}`);
      await input.press("Enter");
      const added = page.getByText(`Card ${number}`, { exact: true });
      await added.waitFor();
      for (const shown of [added, input]) {
        const ratio = await shown.evaluate(
          (it) =>
            new Promise<number>((resolve) => {
              new IntersectionObserver(([entry]) => resolve(entry?.intersectionRatio ?? 0)).observe(it);
            }),
        );
        // Layout is in fractions of pixels.
        expect(ratio).toBeGreaterThan(0.99);
      }
    }
  });

  it("leaves room for the cards in a window that is wide and low", async () => {
    const page = await openTab("low", { viewport: { width: 1360, height: 400 } });
    const box = (selector: string) => page.locator(selector).first().boundingBox();

    const [first, form] = [await box("[data-card='nest']"), await box(".new-card")];

    expect(first?.height).toBeGreaterThan(60);
    expect(form?.y).toBeGreaterThan((first?.y ?? 0) + (first?.height ?? 0));
    await page.getByRole("button", { name: "Chat", exact: true }).click();
    await page.getByLabel("Message", { exact: true }).waitFor();
  });

  it("draws its bars in the colours that somebody forces", async () => {
    const page = await openTab("forced", { forcedColors: "active" });
    // At once: the meter is drawn anew whenever the object is asked.
    const colours = await page.evaluate(() =>
      ["html", ".theirs .track span", ".ours .track span"].map((selector) => {
        const found = document.querySelector(selector);
        return found === null ? selector : getComputedStyle(found).backgroundColor;
      }),
    );

    expect([...new Set(colours)]).toEqual(colours);
  });

  it("shows the newest message, on a phone and beside the board, but to who reads older ones", async () => {
    const wide = await openTab("newest");
    for (let number = 1; number <= 40; number++) await say(wide, `word ${number}`);
    const phone = await openTab("newest", { viewport: { width: 360, height: 640 } });

    await phone.getByRole("button", { name: "Chat", exact: true }).click();
    await expect.poll(() => seen(phone, "word 40")).toBe(true);
    await expect.poll(() => seen(wide, "word 40")).toBe(true);
    await wide.getByText("word 2", { exact: true }).scrollIntoViewIfNeeded();
    await say(phone, "from the phone");
    await wide.getByText("from the phone", { exact: true }).waitFor();
    await expect.poll(() => seen(phone, "from the phone")).toBe(true);

    expect(await seen(wide, "word 2")).toBe(true);
    await say(wide, "the last word");
    await expect.poll(() => seen(wide, "the last word")).toBe(true);
  });

  it.each([1360, 360])("holds the longest words, %i pixels wide", async (width) => {
    const page = await openTab(`long-words-${width}`, { viewport: { width, height: 740 } });
    const addTo = async (label: string, text: string) => {
      await page.getByLabel(label).fill(text);
      await page.getByLabel(label).press("Enter");
      await page.locator(":is(.columns, dialog)").getByText(text, { exact: true }).last().waitFor();
    };
    const overflowing = () =>
      page
        .locator(":is(dialog, dialog *, .columns, .columns *):not(input, select, textarea)")
        .evaluateAll((all) =>
          all
            // A column's cards have 3 px beside them for their outline.
            .filter((it) => it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 3)
            .map((it) => `${it.tagName} ${it.className}`),
        );
    const isInSight = () =>
      page.getByRole("button", { name: "Close" }).evaluate((close) => {
        const { left, right } = close.getBoundingClientRect();
        return left >= 0 && right <= innerWidth;
      });

    await addTo("New card in To do", "W".repeat(160));
    await openCard(page, "spare");
    await addTo("Add a tag", "W".repeat(24));
    await addTo("Add an item", "W".repeat(160));
    for (let member = 10; member < 22; member++) await addTo("Add a member", `${member}${"W".repeat(38)}`);

    expect(await isInSight()).toBe(true);
    expect(
      await page
        .locator(".role")
        .last()
        .evaluate((role) => role.getClientRects()[0]?.height),
    ).toBeLessThan(40);
    expect(await overflowing()).toEqual([]);
    await page.getByRole("button", { name: "Close" }).click();
    expect(await overflowing()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  it.each(["light", "dark"] as const)("has nothing that axe finds fault with, %s", async (colorScheme) => {
    const board = `axe-${colorScheme}`;
    const page = await openTab(board, { colorScheme, bypassCSP: true });
    await page.getByRole("button", { name: "100 cheers" }).click();
    await page.getByLabel("Message", { exact: true }).fill("readable");
    await page.getByLabel("Message", { exact: true }).press("Enter");
    await page.getByText("readable", { exact: true }).waitFor();
    await page.locator(".i-flushes > li").nth(1).waitFor();

    const onBoard = await faultsOf(page);
    await openCard(page, "nuts");
    await page.getByRole("dialog").waitFor();
    const onCard = await faultsOf(page);
    await page.goto(at(`/ws/inspect?board=${board}`));
    const onInspector = await faultsOf(page);

    expect({ onBoard, onCard, onInspector }).toEqual({ onBoard: [], onCard: [], onInspector: [] });
  });

  it("doesn't shift while it loads", async () => {
    const page = await openTab("shift");

    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            resolve(list.getEntries().reduce((sum, entry) => sum + Reflect.get(entry, "value"), 0));
          }).observe({ type: "layout-shift", buffered: true });
          setTimeout(() => resolve(0), 500);
        }),
    );

    // web.dev/cls calls less than 0.1 good.
    expect(shift).toBeLessThan(0.02);
  });
});
