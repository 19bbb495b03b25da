import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page as Tab } from "playwright-core";
import { createClient } from "@dormouse/do-runtime/client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { bundle, TestServer } from "./server.ts";

let browser: Browser;
let server: TestServer;
let script: string;

beforeAll(async () => {
  [browser, server, script] = await Promise.all([launchBrowser(), TestServer.create(), bundle("page.ts")]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** A tab with a client of that user's. */
async function openTab(userId: string): Promise<Tab> {
  const tab = await browser.newPage();
  await tab.goto(server.url);
  await tab.addScriptTag({ content: script, type: "module" });
  await tab.waitForFunction(() => typeof window.connect === "function");
  await tab.evaluate(
    (url) => {
      window.page = window.connect(url);
    },
    `${server.url.replace("http", "ws")}/ws?userId=${userId}`,
  );
  return tab;
}

const log = (tab: Tab) => tab.evaluate(() => window.page.log);
const status = (tab: Tab) => tab.evaluate(() => window.page.client.status);
const say = (tab: Tab, text: string) =>
  tab.evaluate((text) => window.page.client.emit("message", { text }), text);
const untilLogged = (tab: Tab, entry: unknown[]) =>
  vi.waitFor(async () => expect(await log(tab)).toContainEqual(entry), { timeout: 10_000, interval: 20 });

describe("the client in Chromium, against workerd", () => {
  it("[W6] emits and hears events, payloads that are no objects too, and errors", async () => {
    const tab = await openTab("events");
    const emitted = [await say(tab, "early")];
    await untilLogged(tab, ["list", 1]);
    emitted.push(await say(tab, "open"));
    await tab.evaluate(() => window.page.client.emit("unknownToServer"));
    await untilLogged(tab, ["error", "UNKNOWN_EVENT", "unknownToServer"]);

    expect(await log(tab)).toEqual([
      ["status", "open"],
      ["welcome", 0],
      ["message", "early", 1],
      ["list", 1],
      ["message", "open", 2],
      ["list", 2],
      ["error", "UNKNOWN_EVENT", "unknownToServer"],
    ]);
    expect(emitted[1]).toBe("sent");
    await tab.close();
  });

  it("[W6] once hears once, off ends listening", async () => {
    const tab = await openTab("listeners");
    await tab.evaluate(() => {
      const { client, log } = window.page;
      client.once("message", () => log.push(["once"]));
      const listener = () => log.push(["on"]);
      client.on("message", listener);
      client.once("list", () => client.off("message", listener));
    });

    await say(tab, "1");
    await untilLogged(tab, ["list", 1]);
    await say(tab, "2");
    await untilLogged(tab, ["list", 2]);

    const heard = (await log(tab)).map((entry) => (entry as string[])[0]);
    expect(heard.filter((name) => name === "once" || name === "on")).toEqual(["once", "on"]);
    await tab.close();
  });

  it("[W7] reconnects when the server closes, and goes on where it was", async () => {
    const tab = await openTab("dropped");
    await say(tab, "before");
    await untilLogged(tab, ["message", "before", 1]);

    await tab.evaluate(() => window.page.client.emit("drop"));
    await untilLogged(tab, ["welcome", 1]);
    await say(tab, "after");
    await untilLogged(tab, ["message", "after", 2]);

    const statuses = (await log(tab)).filter((entry) => (entry as string[])[0] === "status");
    expect(statuses.map((entry) => (entry as string[])[1])).toEqual(["open", "offline", "open"]);
    await tab.close();
  });

  it("[W7] queues while the server is down, and delivers in order when it is back", async () => {
    const tab = await openTab("queue");
    await untilLogged(tab, ["welcome", 0]);

    await server.stop();
    await untilLogged(tab, ["status", "offline"]);
    const emitted = [await say(tab, "one"), await say(tab, "two")];
    await server.start();
    await untilLogged(tab, ["message", "two", 2]);

    expect(emitted).toEqual(["queued", "queued"]);
    expect((await log(tab)).filter((entry) => (entry as string[])[0] === "message")).toEqual([
      ["message", "one", 1],
      ["message", "two", 2],
    ]);
    await tab.close();
  });

  it("[W8] a tab that a newer one replaced stays closed, until it is told to reconnect", async () => {
    const first = await openTab("tabs");
    await untilLogged(first, ["status", "open"]);
    const second = await openTab("tabs");
    await untilLogged(first, ["status", "closed"]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = [await status(first), await status(second)];

    await first.evaluate(() => window.page.client.reconnect());
    await untilLogged(second, ["status", "closed"]);

    expect(before).toEqual(["closed", "open"]);
    await vi.waitFor(async () => expect(await status(first)).toBe("open"));
    await Promise.all([first.close(), second.close()]);
  });
});

describe("heartbeats", () => {
  it("[W9] open a dead connection anew", async () => {
    let upgrades = 0;
    const received: string[] = [];
    // Says yes to the upgrade, and never another word: what a connection looks like whose other end is gone.
    const silent = createServer().on("upgrade", (request, socket) => {
      upgrades++;
      const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash("sha1").update(key).digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on("data", (data: Buffer) => received.push(unmask(data)));
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;

    const client = createClient(`ws://127.0.0.1:${port}/ws`, { heartbeatMs: 20, minReconnectDelayMs: 1 });
    await vi.waitFor(() => expect(upgrades).toBeGreaterThan(1), { timeout: 5000 });
    client.close();
    silent.closeAllConnections();
    silent.close();

    expect(client.status).toBe("closed");
    expect(received[0]).toBe('{"type":"ping"}');
  });

  it("[W9] keep a live connection, which answers them", async () => {
    const tab = await openTab("alive");
    await untilLogged(tab, ["status", "open"]);

    await new Promise((resolve) => setTimeout(resolve, 900));

    expect(await log(tab)).toEqual([
      ["status", "open"],
      ["welcome", 0],
    ]);
    await tab.close();
  });
});

/** The text of a client's short frame (RFC 6455, 5.2: two bytes, four of mask, the payload). */
function unmask(frame: Buffer): string {
  const mask = frame.subarray(2, 6);
  return Buffer.from(frame.subarray(6).map((byte, i) => byte ^ (mask[i % 4] ?? 0))).toString();
}
