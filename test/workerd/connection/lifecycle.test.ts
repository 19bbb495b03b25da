import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { RoomStub } from "@dormouse/do-runtime";
import { describe, expect, it, vi } from "vitest";
import { CounterConnection, TabsConnection, TokenConnection } from "../objects/connection.ts";
import { seen } from "../objects/seen.ts";
import { open, type TestSocket, upgrade } from "./socket.ts";

const attachmentOf = (stub: DurableObjectStub): Promise<unknown> =>
  runInDurableObject(stub, (_instance, state) => state.getWebSockets()[0]?.deserializeAttachment());

/** Sends an echo and waits for it: everything sent before was handled. */
async function settle(socket: TestSocket): Promise<void> {
  socket.send("echo", "settled");
  for (;;) if ((await socket.frame())["payload"] === "settled") return;
}

const request = (query: string, upgrade = true) =>
  new Request(`https://test/ws${query}`, upgrade ? { headers: { Upgrade: "websocket" } } : {});

const statusOf = async (request: Request) => (await TokenConnection.route(request))?.status;

describe("metadata", () => {
  it("[C13] keeps what a handler changed in the attachment, nested changes too", async () => {
    const stub = env.CounterConnection.getByName("meta");
    const socket = await open(stub);
    await socket.event("welcome");
    socket.send("setChannels", ["a"]);
    await socket.event("set");
    socket.send("pushChannel", "b");
    await settle(socket);

    await evictDurableObject(stub);
    socket.send("readMeta");

    expect(await socket.event("meta")).toEqual({ channels: ["a", "b"], userId: "meta" });
    expect(await attachmentOf(stub)).toMatchObject({ meta: { channels: ["a", "b"] } });
  });

  it("[C13] tells the handler when they have grown too large, and keeps the last that fit", async () => {
    const stub = env.CounterConnection.getByName("meta-large");
    const socket = await open(stub);
    await socket.event("welcome");

    socket.send("setChannels", ["x".repeat(20_000)]);
    const frame = await socket.frame();
    await evictDurableObject(stub);
    socket.send("readMeta");

    expect(frame).toMatchObject({ type: "error", code: "HANDLER_FAILED", event: "setChannels" });
    expect(seen.get("meta-large")).toContainEqual(expect.stringMatching(/the metadata takes 20\d{3} bytes/));
    expect(await socket.event("meta")).toEqual({ channels: ["default"], userId: "meta-large" });
  });

  it("[C13] are there when a hibernated socket closes", async () => {
    const stub = env.CounterConnection.getByName("meta-close");
    const socket = await open(stub);
    await socket.event("welcome");
    await evictDurableObject(stub);

    socket.close(3000, "bye");

    await vi.waitFor(() => expect(seen.get("meta-close")).toEqual(["disconnected meta-close"]));
  });

  it("[C1] onHibernationRestore hears of sockets that were open through hibernation", async () => {
    const stub = env.CounterConnection.getByName("restored");
    const socket = await open(stub);
    await socket.event("welcome");

    await evictDurableObject(stub);
    socket.send("add");
    await socket.event("count");

    expect(seen.get("restored")).toEqual(["restored"]);
  });

  it("[C1] onHibernationRestore may call what calls the object back, and handlers wait for its end", async () => {
    const stub = env.CounterConnection.getByName("greeter");
    const socket = await open(stub);
    await socket.event("welcome");
    socket.send("join", { room: "greeted" });
    await socket.event("joined");

    await evictDurableObject(stub);
    socket.send("add");

    await socket.event("back");
    expect(await socket.event("count")).toEqual({ count: 1 });
    expect(seen.get("greeter")).toEqual(["restored", "greeted"]);
  });

  it("[C1] an onHibernationRestore that throws breaks neither the object nor its sockets", async () => {
    const stub = env.CounterConnection.getByName("badly-restored");
    const socket = await open(stub);
    await socket.event("welcome");

    await evictDurableObject(stub);
    socket.send("add");

    expect(await socket.event("count")).toEqual({ count: 1 });
    expect(seen.get("badly-restored")).toEqual(["restored", "error restored badly"]);
  });
});

describe("the upgrade", () => {
  it("[C4] refuses metadata without a user, or of another user than the object's, and leaves the live socket alone", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const stub = env.TokenConnection.getByName("ada");
    const live = await open(stub, "?user=ada");

    const statuses = [];
    for (const query of ["", "?user=bob", "?user=ada&token=uncloneable", "?user=ada&token=instance"]) {
      const answer = await upgrade(stub, query);
      statuses.push(answer.status);
      await answer.body?.cancel();
    }
    live.send("who");

    expect(statuses).toEqual([500, 403, 500, 500]);
    expect(await live.event("you")).toEqual({ userId: "ada" });
    logged.mockRestore();
  });

  it("[C6] answers 404 to other paths and 426 to other methods", async () => {
    const stub = env.CounterConnection.getByName("paths");

    const answers = [
      await stub.fetch("https://test/other", { headers: { Upgrade: "websocket" } }),
      await stub.fetch("https://test/ws", { method: "POST" }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 426]);
    expect(await answers[0]?.text()).toBe("The WebSocket endpoint is /ws, not /other.");
    await answers[1]?.body?.cancel();
  });

  it("[C14] closes with 1011 what onConnect throws at", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const socket = await open(env.TokenConnection.getByName("unlucky"), "?user=unlucky");

    expect(await socket.frame()).toMatchObject({ type: "error", code: "HANDLER_FAILED" });
    expect(await socket.untilClosed()).toEqual({ code: 1011, reason: "onConnect failed" });
    logged.mockRestore();
  });

  it("[C14] leaves the rooms that were joined before onConnect threw", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const room = env.TokenConnection.getByName("room:unlucky") as unknown as RoomStub;

    const socket = await open(env.TokenConnection.getByName("unlucky-guest"), "?user=unlucky-guest");
    await socket.untilClosed();
    logged.mockRestore();

    expect(await room.getMembers()).toEqual([]);
    expect(await TokenConnection.get("unlucky-guest").getRooms()).toEqual([]);
  });

  it("[C7] [C14] lets nobody in whose onConnect changed what can't be stored", async () => {
    const socket = await open(env.PairConnection.getByName("unsaved-at-once"));

    expect(await socket.frame()).toMatchObject({ type: "error", code: "NOT_SAVED" });
    expect(await socket.untilClosed()).toEqual({ code: 1011, reason: "onConnect failed" });
  });

  it("[C14] has nobody disconnect who never was connected", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const lucky = await open(env.TokenConnection.getByName("lucky"), "?user=lucky");
    const socket = await open(env.TokenConnection.getByName("unlucky-2"), "?user=unlucky-2");
    await socket.untilClosed();
    lucky.close();
    await vi.waitFor(() => expect(seen.get("lucky")).toEqual(["disconnected"]));

    expect(await TokenConnection.get("unlucky-2").isConnected()).toBe(false);
    expect(seen.get("unlucky-2")).toBeUndefined();
    logged.mockRestore();
  });
});

describe("the way from the Worker", () => {
  it("[C15] route() asks extractMeta once, and the object of that user gets what it returned", async () => {
    const response = await TokenConnection.route(request("?user=routed"));
    const socket = await open({ fetch: async () => response ?? new Response() });
    socket.send("who");

    expect(await socket.event("you")).toEqual({ userId: "routed" });
    expect(await TokenConnection.get("routed").isConnected()).toBe(true);
  });

  it("[C15] route() passes refusals on, and leaves other paths to the Worker", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await statusOf(request("?token=banned"))).toBe(403);
    expect(await statusOf(request("?token=bad"))).toBe(401);
    expect(await statusOf(request("?user=x", false))).toBe(426);
    expect(await statusOf(new Request("https://test/elsewhere"))).toBeUndefined();
    logged.mockRestore();
  });

  it("[C15] route() takes an object that fails for no refusal of the user", async () => {
    const stub = TokenConnection.get("broken");
    await runInDurableObject(stub, (_object, { storage }) => storage.put("_dormouse:meta", { format: 99 }));
    await evictDurableObject(stub);

    const outcome = await statusOf(request("?user=broken")).catch(String);

    expect(outcome).toContain("has format 99");
  });

  it("[C15] metadata can't be handed over by a client's headers or URL", async () => {
    const stub = env.TokenConnection.getByName("honest");
    const socket = await open({
      fetch: (url) =>
        stub.fetch(`${url}?user=honest&dormouseMeta={"userId":"evil"}`, {
          headers: {
            Upgrade: "websocket",
            "CF-dormouseMeta": '{"userId":"evil"}',
            dormouseMeta: '{"userId":"evil"}',
          },
        }),
    });
    socket.send("who");

    expect(await socket.event("you")).toEqual({ userId: "honest" });
  });

  it("[C15] nobody is let in without a name, which no handler would ever hear of", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});

    const answer = await upgrade(env.CounterConnection.getByName(""));
    await answer.body?.cancel();
    const message = String(logged.mock.calls[0]?.[0]);
    logged.mockRestore();

    expect(answer.status).toBe(400);
    expect(message).toContain('the name that begins with "" is empty; give another one');
    expect(() => CounterConnection.get("")).toThrow("is empty");
  });

  it("[C16] a user whose id looks like a room's object has an object of its own", async () => {
    const tricky = CounterConnection.get("room:general");
    const socket = await open(tricky);
    await socket.event("welcome");
    socket.send("add");
    await socket.event("count");

    expect(await tricky.getUserId()).toBe("room:general");
    expect(tricky.name).toBe("user:room:general");
    await expect(async () =>
      env.CounterConnection.getByName("room:general").fetch("https://test/ws"),
    ).not.toThrow();
    const answer = await upgrade(env.CounterConnection.getByName("room:general"));
    expect(answer.status).toBe(404);
    await answer.body?.cancel();
  });
});

describe("several sockets", () => {
  it("[C5] keeps maxSockets open, closes the oldest beyond, and sends to all of a user's", async () => {
    const stub = env.TabsConnection.getByName("tabs");
    const [first, second, third] = [await open(stub), await open(stub), await open(stub)];
    const other = await open(env.TabsConnection.getByName("other-tabs"));

    const closed = await first.untilClosed();
    other.send("tell", { to: "tabs", text: "hi" });

    expect(closed.code).toBe(1000);
    expect([await second.event("told"), await third.event("told")]).toEqual([{ text: "hi" }, { text: "hi" }]);
  });

  it("[C5] one that is closing already takes no place from an open one", async () => {
    const stub = env.TabsConnection.getByName("half-open");
    const first = await open(stub);
    const { webSocket } = await upgrade(stub);
    // A client that doesn't answer the close.
    webSocket?.accept({ allowHalfOpen: true });
    const hungUp = new Promise((resolve) => webSocket?.addEventListener("close", resolve));
    webSocket?.send('{"type":"hangUp"}');
    await hungUp;

    const third = await open(stub);
    first.send("x", "still here");
    third.send("x", "here, too");

    expect((await first.frame())["payload"]).toMatchObject({ data: "still here" });
    expect((await third.frame())["payload"]).toMatchObject({ data: "here, too" });
  });

  it("[C5] the first of several to close takes nothing away; the last one leaves the rooms", async () => {
    const stub = env.TabsConnection.getByName("two-tabs");
    const tabsRoom = env.TabsConnection.getByName("room:tabs") as unknown as RoomStub;
    const [first, second] = [await open(stub), await open(stub)];
    first.send("join", { room: "tabs" });
    await first.event("joined");
    first.close();
    await first.untilClosed();
    const afterFirst = await tabsRoom.getMemberCount();
    second.close();

    expect(afterFirst).toBe(1);
    await vi.waitFor(async () => expect(await tabsRoom.getMemberCount()).toBe(0));
  });
});

describe("limits", () => {
  it("[W4] refuses messages over maxMessageBytes, counted in UTF-8, and goes on", async () => {
    const socket = await open(env.TabsConnection.getByName("long"));

    socket.send("x", "é".repeat(600));
    socket.send("x", "a".repeat(600));

    expect(await socket.frame()).toMatchObject({ type: "error", code: "MESSAGE_TOO_LARGE" });
    expect((await socket.frame())["payload"]).toEqual({
      type: "x",
      data: "a".repeat(600),
      channel: "default",
    });
  });

  it("[W4] closes with 1008 a socket that sends more than may wait", async () => {
    const socket = await open(env.TabsConnection.getByName("flood"));

    socket.send("sleep");
    for (let i = 0; i < 4; i++) socket.send("x", "a".repeat(600));

    expect(await socket.untilClosed()).toEqual({ code: 1008, reason: "Too many messages waiting" });
    expect(socket.received.some(({ code }) => code === "TOO_MANY_MESSAGES")).toBe(true);
  });

  it("[W4] nothing that such a socket sends counts any more, even after hibernation", async () => {
    const stub = env.TabsConnection.getByName("flood");
    const witness = await open(env.TabsConnection.getByName("witness"));
    const { webSocket } = await upgrade(stub);
    // A client that doesn't answer the close.
    webSocket?.accept({ allowHalfOpen: true });
    const send = (type: string, data?: unknown) => webSocket?.send(JSON.stringify({ type, data }));
    send("sleep");
    for (let i = 0; i < 4; i++) send("sleep", "x".repeat(300));
    await vi.waitFor(async () => expect(await TabsConnection.get("flood").isConnected()).toBe(false));
    await evictDurableObject(stub);

    send("tell", { to: "witness", text: "still here" });
    (await open(env.TabsConnection.getByName("speaker"))).send("tell", { to: "witness", text: "hello" });

    expect(await witness.event("told")).toEqual({ text: "hello" });
  });

  it("[W4] counts what a message takes beside its text: many small ones can't fill the memory", async () => {
    const socket = await open(env.TabsConnection.getByName("trickle"));

    socket.send("sleep");
    for (let i = 0; i < 4; i++) socket.send("x");

    expect(await socket.untilClosed()).toEqual({ code: 1008, reason: "Too many messages waiting" });
  });

  it("[W5] `__proto__` in a payload is dropped, written plainly or escaped", async () => {
    const socket = await open(env.CounterConnection.getByName("proto"));
    await socket.event("welcome");

    for (const key of ["__proto__", "\\u005f_proto__", "__pr\\u006fto__"]) {
      socket.sendRaw(
        `{"type":"echo","data":{"a":1,"nested":{"${key}":{"isAdmin":true}},"${key}":{"isAdmin":true}}}`,
      );
    }
    const echoes = [await socket.event("echo"), await socket.event("echo"), await socket.event("echo")];

    // As text: toEqual would not see an own "__proto__".
    expect(echoes.map((echo) => JSON.stringify(echo))).toEqual(Array(3).fill('{"a":1,"nested":{}}'));
  });
});

describe("the end", () => {
  it("[C17] destroy leaves the rooms, closes the sockets, and deletes everything", async () => {
    const stub = env.CounterConnection.getByName("doomed");
    const socket = await open(stub);
    await socket.event("welcome");
    socket.send("add");
    socket.send("join", { room: "doom" });
    await settle(socket);

    await CounterConnection.get("doomed").destroy();
    const again = await open(stub);

    expect(await socket.untilClosed()).toEqual({ code: 1000, reason: "The connection was destroyed" });
    expect(seen.get("doomed")).toContain("destroyed at 1");
    expect(await again.event("welcome")).toEqual({ count: 0 });
    expect(await CounterConnection.get("doomed").getRooms()).toEqual([]);
  });

  it("[C17] a close is answered with a code that may be sent, whatever the client's was", async () => {
    const socket = await open(env.CounterConnection.getByName("codes"));
    await socket.event("welcome");

    socket.close(4999, "é".repeat(61));

    expect((await socket.untilClosed()).code).toBe(4999);
    await vi.waitFor(() => expect(seen.get("codes")).toEqual(["disconnected codes"]));
  });
});

describe("what others ask of a user's object", () => {
  it("[C18] tells who it is, whether somebody is connected, and delivers to the open sockets", async () => {
    const stub = CounterConnection.get("asked");
    const before = { connected: await stub.isConnected(), delivered: await stub.deliverMessage("hi", {}) };
    const socket = await open(stub);
    await socket.event("welcome");

    const delivered = await stub.deliverMessage("news", { n: 1 });

    expect(before).toEqual({ connected: false, delivered: 0 });
    expect(delivered).toBe(1);
    expect(await socket.event("news")).toEqual({ n: 1 });
    expect(await Promise.all([stub.isConnected(), stub.getUserId(), stub.isStateReady()])).toEqual([
      true,
      "asked",
      true,
    ]);
  });
});
