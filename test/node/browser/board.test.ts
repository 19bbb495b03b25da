import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { type LocalWorker, startLocalWorker } from "../support/local-worker.ts";
import { faultsOf } from "./accessibility.ts";

let dataDir: string;
let worker: LocalWorker;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  dataDir = await mkdtemp(join(tmpdir(), "dormouse-board-"));
  worker = await startLocalWorker("board", dataDir);
}, 60_000);

/** On a busy machine a browser's steps add up. */
const timeout = 20_000;

afterAll(async () => {
  await browser?.close();
  await worker?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

const complaints: string[] = [];

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

/** A tab at a board, open and drawn. What it complains of fails the test. */
async function openTab(board: string, options: BrowserContextOptions = {}): Promise<Page> {
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
  await page.goto(`${worker.url}/?board=${board}`);
  await page.locator(".card").first().waitFor();
  // The meter counts from here on.
  await page.locator(".i-facts").first().waitFor({ state: "attached" });
  return page;
}

const card = (page: Page, name: string): Locator => page.locator(`[data-card="${name}"]`);
const openCard = (page: Page, name: string) => card(page, name).getByRole("link").click();

/** The cards of each column, by their ids. */
function layout(page: Page): Promise<string[][]> {
  return page
    .locator(".column")
    .evaluateAll((columns) =>
      columns.map((column) =>
        [...column.querySelectorAll<HTMLElement>(".card")].map((it) => it.dataset["card"] ?? ""),
      ),
    );
}

const inColumn = (page: Page, column: string, name: string) =>
  page.locator(`[data-column="${column}"] [data-card="${name}"]`).waitFor();

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("data-focus") ?? "");

const directionOf = (found: Locator) => found.evaluate((it) => getComputedStyle(it).direction);

describe("two tabs at one board", { timeout }, () => {
  it("know how many they are", async () => {
    const [ann, bob] = [await openTab("count"), await openTab("count")];
    const status = ann.locator("#status");

    await status.getByText("2 tabs").waitFor();
    await bob.close();

    await status.getByText("1 tab", { exact: true }).waitFor();
  });

  it("stay in step through nested changes", async () => {
    const [ann, bob] = [await openTab("in-step"), await openTab("in-step")];

    await openCard(ann, "nuts");
    await ann.getByLabel("The hedge along the lane", { exact: true }).check();
    await ann.getByLabel("Add a tag").fill("urgent");
    await ann.getByLabel("Add a tag").press("Enter");
    await ann.getByLabel("Add a member").fill("Ann");
    await ann.getByLabel("Add a member").press("Enter");
    await ann.getByLabel("Hazel leads; change to helps").click();
    await ann.getByLabel("Due", { exact: true }).fill("2030-02-01");

    const summary = "tags food, urgent; due Feb 1, 2030; 2 of 3 done; Hazel helps, Wren helps, Ann helps";
    await bob.locator(`[aria-description="${summary}"]`).waitFor();
  });

  it("write from right to left, with names that begin with an emoji", async () => {
    const [ann, bob] = [await openTab("rtl"), await openTab("rtl")];
    const enter = async (label: string, text: string) => {
      await ann.getByLabel(label, { exact: true }).fill(text);
      await ann.getByLabel(label, { exact: true }).press("Enter");
    };

    await enter("Message", "שלום, (עולם)!");
    await enter("Title of the board", "לפני החורף");
    await enter("You are", "דנה");
    await openCard(ann, "spare");
    await enter("Title of the card", "לבחור חור (פנוי)");
    await enter("Add a tag", "בית");
    await enter("Add an item", "יבש, נמוך");
    await enter("Add a member", "👩‍🌾 Fern");
    await bob.locator('[data-card="spare"] .person').waitFor();

    expect(await bob.locator('[data-card="spare"] .person').textContent()).toBe("👩‍🌾");
    const words = ["שלום, (עולם)!", "לבחור חור (פנוי)", "בית"];
    for (const text of words) expect(await directionOf(bob.locator("main").getByText(text))).toBe("rtl");
    for (const text of ["בית", "יבש, נמוך"])
      expect(await directionOf(ann.getByRole("dialog").getByText(text, { exact: true }))).toBe("rtl");
    for (const label of ["Title of the board", "Title of the card", "You are"])
      expect(await directionOf(ann.getByLabel(label, { exact: true }))).toBe("rtl");
  });

  it("move cards and talk", async () => {
    const [ann, bob] = [await openTab("talk"), await openTab("talk")];

    await card(ann, "spare").dragTo(ann.locator('[data-column="done"]'));
    await ann.getByLabel("Message", { exact: true }).fill("<b>moved</b> the hollow");
    await ann.getByLabel("Message", { exact: true }).press("Enter");

    await bob.getByText("<b>moved</b> the hollow", { exact: true }).waitFor();
    expect((await layout(bob)).map((column) => column.toSorted())).toEqual([
      ["map", "nest"],
      ["nuts"],
      ["blackberries", "spare"],
    ]);
    expect(await layout(ann)).toEqual(await layout(bob));
  });
});

describe("a tab without a network", { timeout }, () => {
  it("says so, and comes back with it", async () => {
    const page = await openTab("offline");
    const status = page.locator("#status");

    await page.context().setOffline(true);
    await status.getByText("offline", { exact: true }).waitFor();
    await page.getByRole("button", { name: "100 cheers" }).click();
    await status.getByText("offline, 1 to send", { exact: true }).waitFor();
    await page.context().setOffline(false);

    await status.getByText("1 tab", { exact: true }).waitFor();
    await card(page, "nuts").getByText("♥ 20").waitFor();
  });
});

describe("the object", { timeout }, () => {
  it("is crashed, and everything is still there; the tabs come back by themselves", async () => {
    const page = await openTab("crash");
    await card(page, "nuts").getByRole("link").press("Shift+ArrowRight");
    await page.getByLabel("New card in To do").fill("Survive");
    await page.getByLabel("New card in To do").press("Enter");
    await page.getByText("Survive", { exact: true }).waitFor();
    const before = await layout(page);

    await page.getByRole("button", { name: "Crash the object" }).click();
    const said = await page.getByRole("alert").filter({ hasText: "crashed" }).textContent();
    await page.getByText("Nothing was written since the object woke.").waitFor();
    await page.locator('#status[data-state="open"]').waitFor();
    const after = await layout(page);
    await page.reload();
    await page.getByText("Survive", { exact: true }).waitFor();

    expect(before[2]).toEqual(["nuts", "blackberries"]);
    expect(said).toBe("The object crashed and its memory is gone; everything comes back from its storage.");
    expect(after).toEqual(before);
    expect(await layout(page)).toEqual(before);
  });

  it("can't be crashed where it can't be reached, and the page says so", async () => {
    const page = await openTab("out-of-reach");
    await page.context().setOffline(true);

    await page.getByRole("button", { name: "Crash the object" }).click();

    await page.getByText("The object can't be reached. Does the Worker still run?").waitFor();
  });

  it("is told what was said while the connection was opened anew", async () => {
    const page = await openTab("reconnect");

    await page.getByRole("button", { name: "Reconnect" }).click();
    await page.getByLabel("Message", { exact: true }).fill("still here");
    await page.getByLabel("Message", { exact: true }).press("Enter");

    await page.getByText("still here", { exact: true }).waitFor();
    await page.locator('#status[data-state="open"]').waitFor();
  });

  it("is told what was done without a connection, and the page says how much waits", async () => {
    const page = await openTab("waiting");

    // In one turn: on this machine a connection is back before the next click.
    const statuses = await page.evaluate(() => {
      const status = document.querySelector("#status");
      return ["#reconnect", "#applaud", "#applaud"].map((button) => {
        document.querySelector<HTMLElement>(button)?.click();
        return status?.textContent;
      });
    });

    expect(statuses).toEqual(["connecting", "connecting, 1 to send", "connecting, 2 to send"]);
    await page.locator('[aria-description*="40 cheers"]').first().waitFor({ state: "attached" });
    await page.getByText("1 tab", { exact: true }).waitFor();
  });

  it("writes a hundred changes of one turn as one row, and shows it", async () => {
    const page = await openTab("meter");

    await page.getByRole("button", { name: "100 cheers" }).click();
    await page.locator(".i-flushes > li").first().waitFor();

    const rows = page.getByRole("group", { name: "Rows" }).locator("output");
    // Beside it, the record of format and layout, which an object's first write takes along.
    await expect.poll(() => rows.allTextContents()).toEqual(["2", "100"]);
    await page
      .getByText(
        "A million messages like these would write 2.0 million rows (2.00 USD) here, and 100.0 million (100.00 USD) with a put per write, at Cloudflare's price of 24 November 2026.",
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
    await page.goto(`${worker.url}/ws/inspect?board=served`);
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
    await page.goto(`${worker.url}/ws/inspect?board=served-list`);
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
});

describe("without a mouse", { timeout }, () => {
  it("a card is found, moved, opened, changed and closed", async () => {
    const page = await openTab("keyboard");
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const tabTo = async (name: string) => {
      for (let tabs = 0; tabs < 25 && (await focused(page)) !== name; tabs++) await press("Tab");
    };

    await tabTo("card-nest");
    await press("ArrowDown", "ArrowDown", "ArrowUp");
    expect(await focused(page)).toBe("card-map");

    await press("Shift+ArrowRight");
    await inColumn(page, "doing", "map");
    expect(await focused(page)).toBe("card-map");
    expect(await page.locator("#said").textContent()).toBe(
      "Draw a map of the hazel trees: moved to Doing, place 2",
    );

    await press("ArrowUp", "Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo("item-nuts-2");
    await press("Space");
    await page.locator('[aria-description*="2 of 3 done"]').waitFor({ state: "attached" });
    await press("Escape");

    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(await focused(page)).toBe("card-nuts");
    expect(await layout(page)).toEqual([["nest", "spare"], ["nuts", "map"], ["blackberries"]]);
  });

  it("a card that is removed leaves the focus to what stands in its place", async () => {
    const page = await openTab("removing");
    const steps = [
      ["map", "card-spare"],
      ["spare", "card-nest"],
      ["nest", "new-todo"],
    ] as const;
    for (const [name, next] of steps) {
      await openCard(page, name);
      await page.getByRole("button", { name: "Remove the card" }).press("Enter");
      // The dialog tells that it closed in a task of its own.
      await page.locator(`[data-focus="${next}"]:focus`).waitFor();
    }

    expect(await page.locator("#said").textContent()).toBe("The card is gone.");
  });
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
    await page.goto(`${worker.url}/ws/inspect?board=${board}`);
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

const ask = (path: string, init: RequestInit = {}) => fetch(`${worker.url}${path}`, init);

describe("the Worker", () => {
  it("keeps other sites' pages out", async () => {
    const headers = { Origin: "https://elsewhere.example" };

    const answers = await Promise.all([
      ask("/ws/inspect?board=origin", { headers }),
      ask("/crash?board=origin", { method: "POST", headers }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  it("crashes for a POST only", async () => {
    const [get, post] = [await ask("/crash?board=post"), await ask("/crash?board=post", { method: "POST" })];

    expect([get.status, post.status]).toEqual([405, 202]);
  });
});
