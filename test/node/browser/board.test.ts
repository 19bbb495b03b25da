import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { at, card, focused, inColumn, openCard, openTab, timeout } from "./board-tabs.ts";

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

  it("take nothing from who is typing in a card that the other one moves", async () => {
    const [ann, bob] = [await openTab("moved"), await openTab("moved")];
    await openCard(ann, "nuts");
    await ann.getByLabel("Add an item").fill("Half an item");
    await ann.getByLabel("Notes").fill("Half a sentence");

    await card(bob, "nuts").getByRole("link").press("Shift+ArrowRight");
    await ann.locator('[data-column="done"] [data-card="nuts"]').waitFor({ state: "attached" });
    await ann.keyboard.type(", and the rest");

    expect(await ann.getByLabel("Notes").inputValue()).toBe("Half a sentence, and the rest");
    expect(await ann.getByLabel("Add an item").inputValue()).toBe("Half an item");
    await ann.getByRole("combobox", { name: "Column" }).selectOption("todo");
    await inColumn(bob, "todo", "nuts");
    expect(await ann.getByLabel("Add an item").inputValue()).toBe("Half an item");
    expect(await bob.locator("[aria-description]").count()).toBe(5);
  });

  it("are told, both of them, that a card is gone which one has open and the other removes", async () => {
    const [ann, bob] = [await openTab("gone"), await openTab("gone")];
    await openCard(ann, "nuts");
    await openCard(bob, "nuts");

    await bob.getByRole("button", { name: "Remove the card" }).click();

    for (const page of [ann, bob]) {
      await page.getByRole("alert").filter({ hasText: "The card is gone." }).waitFor();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
    }
  });

  it("take back nothing from each other by standing in an input and leaving it", async () => {
    const [ann, bob] = [await openTab("standing"), await openTab("standing")];
    await openCard(ann, "nuts");
    await openCard(bob, "nuts");
    const [anns, bobs] = [ann.getByLabel("Notes"), bob.getByLabel("Notes")];

    await anns.focus();
    await bobs.fill("Bob's word");
    await bobs.blur();
    await ann.locator('[data-saved="Bob\'s word"]').waitFor();
    const seen = await anns.inputValue();
    await anns.blur();
    await ann.getByLabel("Add a tag").fill("after");
    await ann.getByLabel("Add a tag").press("Enter");
    await bob.getByLabel("Remove after").waitFor();

    expect(seen).toBe("Bob's word");
    expect(await bobs.inputValue()).toBe("Bob's word");
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

describe("a tab that is opened", { timeout }, () => {
  it("says nothing of a board that it hasn't been told yet", async () => {
    const page = await openTab("untold");
    await page.routeWebSocket(/\/ws\?/, () => {});

    await page.reload();
    await page.locator('#status[data-state="open"]').waitFor();

    expect(await page.locator("#status").textContent()).toBe("connecting");
    expect(await page.locator("#messages.empty").count()).toBe(0);
  });

  it("is called what the board is called", async () => {
    const page = await openTab("title");
    const before = await page.title();

    await page.getByLabel("Title of the board").fill("Spring");
    await page.keyboard.press("Enter");

    await expect.poll(() => page.title()).toBe("Spring · dormouse");
    expect(before).toBe("Before winter · dormouse");
  });

  it("at a card that there isn't says so, and shows the board", async () => {
    const page = await openTab("no-card#card/none");

    await page.getByRole("alert").filter({ hasText: "The card is gone." }).waitFor();

    expect(page.url()).toBe(at("/?board=no-card"));
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

  it("takes nothing from who is typing when it crashes", async () => {
    const page = await openTab("typing");
    const press = (keys: string) => page.keyboard.press(keys);
    await page.getByLabel("New card in To do").fill("Half a card");
    await openCard(page, "nuts");
    await page.getByLabel("Add an item").fill("Half an item");
    await page.getByLabel("Notes").fill("Half a sentence");
    for (let left = 0; left < 8; left++) await press("ArrowLeft");
    const [ended] = await Promise.all([
      page.locator('#status:not([data-state="open"])').waitFor(),
      fetch(at("/crash?board=typing"), { method: "POST" }),
    ]);
    expect(ended).toBeUndefined();
    await page.locator('#status[data-state="open"]').waitFor();
    // The board comes right after the socket's opening, the number of tabs after the board.
    await page.getByText("Nothing was written since the object woke.").waitFor({ state: "attached" });

    await page.keyboard.type("whole ");

    expect(await page.getByLabel("Notes").inputValue()).toBe("Half a whole sentence");
    expect(await page.getByLabel("Add an item").inputValue()).toBe("Half an item");
    await press("Escape");
    await press("Escape");
    expect(await page.getByLabel("New card in To do").inputValue()).toBe("Half a card");
  });

  it("shows what it holds after a crash, not what it was sent and lost", async () => {
    const page = await openTab("lost");
    // These never arrive.
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      const object = socket.connectToServer();
      socket.onMessage((frame) => {
        if (!/checkItem|moveCard|setDue|setTitle/.test(String(frame))) object.send(frame);
      });
    });
    await page.reload();
    await openCard(page, "nuts");
    await page.getByLabel("Count them", { exact: true }).check();
    await page.getByRole("combobox", { name: "Column" }).selectOption("done");
    await page.getByLabel("Due", { exact: true }).fill("2030-02-01");
    await page.getByLabel("Title of the card").fill("Lost");
    await page.getByLabel("Title of the card").blur();

    await fetch(at("/crash?board=lost"), { method: "POST" });

    await expect.poll(() => page.getByLabel("Count them", { exact: true }).isChecked()).toBe(false);
    expect(await page.getByRole("combobox", { name: "Column" }).inputValue()).toBe("doing");
    expect(await page.getByLabel("Due", { exact: true }).inputValue()).toBe("2026-10-18");
    expect(await page.getByLabel("Title of the card").inputValue()).toBe("Gather hazelnuts");
  });

  it("is told what somebody changes and changes back before it answers", async () => {
    const page = await openTab("back");
    await page.routeWebSocket(/\/ws\?/, (socket) => {
      const object = socket.connectToServer();
      object.onMessage((frame) => setTimeout(() => socket.send(frame), 300));
    });
    await page.reload();
    await openCard(page, "nuts");
    const title = page.getByLabel("Title of the card");

    for (const text of ["Changed", "Gather hazelnuts"]) {
      await title.fill(text);
      await title.blur();
    }
    await page.locator(".role").first().dblclick();
    await page.getByLabel("Add a tag").fill("after");
    await page.getByLabel("Add a tag").press("Enter");
    await page.getByLabel("Remove after").waitFor();

    expect(await title.inputValue()).toBe("Gather hazelnuts");
    expect(await page.locator(".role").allTextContents()).toEqual(["leads", "helps"]);
  });

  it("refuses what is too long, and the page says so and shows what it holds", async () => {
    const page = await openTab("refused");
    await openCard(page, "nuts");
    const title = page.getByLabel("Title of the card");
    await title.evaluate((input) => input.removeAttribute("maxlength"));

    await title.fill("long ".repeat(40));
    await title.blur();

    await page.getByText("title: is missing or not what it should be").waitFor();
    expect(await title.inputValue()).toBe("Gather hazelnuts");
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
    await page.getByText("Draw a map of the hazel trees: moved to Doing, place 2", { exact: true }).waitFor();

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

  it("a card goes as far as the keys were pressed, however late the answers are", async () => {
    const page = await openTab("late");
    const presses = ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowUp"];

    // In one turn: no answer comes in between. The third and the last lead nowhere.
    await page.evaluate((keys) => {
      const link = document.querySelector("[data-card='spare'] a");
      for (const key of keys) link?.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: true }));
    }, presses);

    await page.getByText("Choose a spare hollow: moved to Done, place 1", { exact: true }).waitFor();
    expect(await layout(page)).toEqual([["nest", "map"], ["nuts"], ["spare", "blackberries"]]);
  });

  it("a title is composed, as in Japanese, with keys that confirm or give up no more than a word", async () => {
    const page = await openTab("composing");
    const title = page.getByLabel("Title of the board");
    await title.fill("ふゆ");

    const kept = await title.evaluate((input) =>
      ["Enter", "Escape"].map((key) => {
        input.dispatchEvent(new KeyboardEvent("keydown", { key, isComposing: true, cancelable: true }));
        return [document.activeElement === input, input instanceof HTMLInputElement && input.value];
      }),
    );

    expect(kept).toEqual([
      [true, "ふゆ"],
      [true, "ふゆ"],
    ]);
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

    expect(await page.getByRole("alert").textContent()).toBe("The card is gone.");
  });
});

const ask = (path: string, init: RequestInit = {}) => fetch(at(path), init);

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
