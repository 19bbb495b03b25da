import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { at, card, openCard, openTab, timeout } from "./board-tabs.ts";

describe("what was written", { timeout }, () => {
  it("writes a hundred changes of one turn as one row, and shows it", async () => {
    const page = await openTab("meter");

    await page.getByRole("button", { name: "100 cheers" }).click();
    await page.locator(".i-flushes > li").first().waitFor();

    const rows = page.getByRole("group", { name: "Rows" }).locator(".amount");
    // Beside it, the record of format and layout, which an object's first write takes along.
    await expect.poll(() => rows.allTextContents()).toEqual(["2", "100"]);
    await page
      .getByText(
        "A million messages like these would write 1.0 million rows (1.00 USD) here, and 100.0 million (100.00 USD) with a put per write, at Cloudflare's price of 24 November 2026.",
      )
      .waitFor();
    await page.getByText("board.columns[0].cards[0].cheers").first().waitFor();
    await page.getByText("Nothing is dirty; marked is what write 1 took.").waitFor();
    expect(await page.locator("#inspection .i-written .i-key").allTextContents()).toEqual(
      Array.from({ length: 5 }, () => "cheers"),
    );
  });

  it("lights up in the state what a write took", async () => {
    const page = await openTab("lights");
    const lit = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener("animationstart", ({ animationName, target }) => {
            const key = target instanceof Element ? target.querySelector(".i-key")?.textContent : undefined;
            resolve(`${animationName} ${key}`);
          });
        }),
    );

    await openCard(page, "nuts");
    await page.getByLabel("The hedge along the lane", { exact: true }).check();

    expect(await lit).toBe("taken done");
  });

  it("serves the inspector to a browser as a page that keeps up", async () => {
    const board = await openTab("served");
    const page = await board.context().newPage();
    const violations: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") violations.push(message.text());
    });
    await page.goto(at("/ws/inspect?board=served"));
    await page.getByText("Nothing was written since the object woke.").waitFor();

    await board.getByRole("button", { name: "100 cheers" }).click();
    await card(board, "nuts").getByText("♥ 20").waitFor();
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("board.columns[0].cards[0].cheers").first().waitFor();

    expect(await page.title()).toBe("Board of served");
    expect(violations).toEqual([]);
  });
});

/** Has the board written often enough for the list to scroll. */
async function writeOften(page: Page): Promise<void> {
  for (let write = 1; write <= 7; write++) {
    await page.getByRole("button", { name: "100 cheers" }).click();
    await page.locator(`.i-flushes > [value="${write}"]`).waitFor();
  }
}

/** Which write stands first in what is seen of the list, and which element has the focus. */
const sight = (page: Page) =>
  page.getByRole("list", { name: "Latest writes" }).evaluate((list) => {
    const { top } = list.getBoundingClientRect();
    const first = [...list.children].find((write) => write.getBoundingClientRect().bottom > top + 1);
    const focused = document.activeElement?.closest<HTMLElement>("[data-path], .i-flushes");
    return [first?.getAttribute("value"), focused?.dataset["path"] ?? focused?.className];
  });

/** A browser takes its time to scroll. */
const atEnd = (page: Page) =>
  page.waitForFunction(() => {
    const list = document.querySelector(".i-flushes");
    return list !== null && list.scrollTop > 0 && list.scrollTop + list.clientHeight > list.scrollHeight - 1;
  });

describe("the list of writes", { timeout }, () => {
  it("is scrolled with the keyboard, and stays where it is when something is written", async () => {
    const page = await openTab("scrolled");
    await writeOften(page);

    await page.getByRole("list", { name: "Latest writes" }).focus();
    await page.keyboard.press("End");
    await atEnd(page);
    const before = await sight(page);
    await page.getByRole("button", { name: "100 cheers" }).dispatchEvent("click");
    await page.locator('.i-flushes > [value="8"]').waitFor();
    const scrolled = await sight(page);
    await page.locator('[data-path="write 2"] > summary').focus();
    await page.getByRole("button", { name: "100 cheers" }).dispatchEvent("click");
    await page.locator('.i-flushes > [value="9"]').waitFor();

    expect(before[1]).toBe("i-flushes");
    expect(scrolled).toEqual(before);
    expect((await sight(page))[1]).toBe("write 2");
  });

  it("shows what is new where it was not scrolled", async () => {
    const page = await openTab("not-scrolled");
    await writeOften(page);

    expect((await sight(page))[0]).toBe("7");
  });

  it("stays where it is on the page that the object serves, too", async () => {
    const board = await openTab("served-list");
    await writeOften(board);
    const page = await board.context().newPage();
    await page.goto(at("/ws/inspect?board=served-list"));
    const list = page.getByRole("list", { name: "Latest writes" });

    await list.focus();
    await page.keyboard.press("End");
    await atEnd(page);
    const before = await sight(page);
    await board.getByRole("button", { name: "100 cheers" }).click();
    await board.locator('.i-flushes > [value="8"]').waitFor();
    await page.locator("#refresh").dispatchEvent("click");
    await page.locator('.i-flushes > [value="8"]').waitFor();

    expect(await sight(page)).toEqual(before);
  });

  it("keeps the focus, however the state's keys are called", async () => {
    const board = await openTab("served-focus");
    await writeOften(board);
    const page = await board.context().newPage();
    // As if the board had such a key.
    await page.route(/inspect/, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace('data-path="board"', 'data-path="undefined"');
      await route.fulfill({ response: answer, body });
    });
    await page.goto(at("/ws/inspect?board=served-focus"));

    await page.getByRole("list", { name: "Latest writes" }).focus();
    await board.getByRole("button", { name: "100 cheers" }).click();
    await board.locator('.i-flushes > [value="8"]').waitFor();
    await page.locator("#refresh").dispatchEvent("click");
    await page.locator('.i-flushes > [value="8"]').waitFor();

    expect((await sight(page))[1]).toBe("i-flushes");
  });
});
