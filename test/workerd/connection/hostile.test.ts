// What clients, callers and the program's own handlers can do wrong, on purpose or not.
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import type { RoomStub } from "@dormouse/do-runtime";
import { describe, expect, it, vi } from "vitest";
import { HostileConnection, PickyRoom } from "../objects/hostile.ts";
import { see, seen } from "../objects/seen.ts";
import type { UserPort } from "../../../packages/do-runtime/src/ports.ts";
import { connect, outcomeOf, sleep } from "./hostile-client.ts";
import { open, upgrade } from "./socket.ts";

describe("handlers", () => {
  it.each(["room", "user"])("[C7] [B11] tell no %s of what only storage refuses", async (how) => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const told = await connect("told");
    told.send("joinWith", { room: "picky:told", what: "plain" });
    await told.event("joined");
    const teller = await connect(`teller-of-${how}`);
    teller.send("tellOthers", { how, isStorable: false });
    teller.send("tellOthers", { how, isStorable: true });

    expect(await teller.frame()).toMatchObject({ type: "error", code: "NOT_SAVED", event: "tellOthers" });
    expect(await told.event("told")).toEqual({ how });
    await sleep(20);
    expect(told.received.filter(({ data }) => (data as { type: string }).type === "told")).toHaveLength(1);
    told.close();
    logged.mockRestore();
  });

  it.each([false, true])("[C7] hear of a room that can't be reached, awaited: %s", async (isAwaited) => {
    const user = `unheard-${isAwaited}`;
    const socket = await connect(user);

    socket.send("tellUnheard", { room: "lost", isAwaited });

    await vi.waitFor(() => expect(seen.get(user)).toEqual([expect.stringContaining('"NoSuchBinding"')]));
    await sleep(20);
    expect(seen.get(user)).toHaveLength(1);
  });

  it("[W2] may throw the same error each time, and onError hears of each", async () => {
    const socket = await connect("shared-error");

    for (let i = 0; i < 2; i++) {
      socket.send("throwShared");
      await socket.frame();
      await sleep(5);
    }

    expect(seen.get("shared-error")).toEqual(["always the same", "always the same"]);
  });

  it("[C10] go on after one that threw what has no text", async () => {
    const socket = await connect("odd");

    socket.send("throw", { toString: 1 });
    socket.send("add");

    expect(await socket.frame()).toMatchObject({ type: "error", code: "HANDLER_FAILED" });
    expect(await socket.event("n")).toEqual({ n: 1 });
  });

  it.each(["stays", "closes", "is replaced"])(
    "[C17] whose messages wait when the object is destroyed don't run, whether the socket %s or not",
    async (how) => {
      const user = `waiting, and ${how}`;
      const socket = await connect(user);
      socket.send("destroy");
      for (let i = 0; i < 3; i++) socket.send("add");
      socket.send("throwShared");
      await sleep(10);
      if (how === "closes") socket.close();
      if (how === "is replaced") await connect(user);
      await socket.untilClosed();
      await sleep(100);

      const stored = await runInDurableObject(
        env.HostileConnection.getByName(user),
        async (_object, { storage }) => [...(await storage.list()).keys()],
      );

      expect(stored).toEqual([]);
      // What onError would have heard.
      expect(seen.get(user)).toBeUndefined();
    },
  );

  it("[C17] that still run when the object is destroyed leave nothing stored", async () => {
    const socket = await connect("still-running");
    socket.send("addAtTheEnd");
    await socket.event("n");

    await HostileConnection.get("still-running").destroy();
    await vi.waitFor(() => expect(seen.get("still-running")).toEqual(["sent false"]));

    const stored = await runInDurableObject(
      env.HostileConnection.getByName("still-running"),
      async (_object, { storage }) => [...(await storage.list()).keys()],
    );
    expect(stored).toEqual([]);
  });

  it("[C17] who connects while the object is being destroyed is refused, and let in after it", async () => {
    const destroying = HostileConnection.get("slow-end").destroy();
    await vi.waitFor(() => expect(seen.get("slow-end")).toEqual(["ending"]));
    const meanwhile = await upgrade(env.HostileConnection.getByName("slow-end"), "?user=slow-end");
    see("slow-end", "refused");
    await destroying;
    const socket = await connect("slow-end");
    socket.send("add");

    expect([meanwhile.status, await meanwhile.text()]).toEqual([503, "The object is being destroyed."]);
    expect(await socket.event("n")).toEqual({ n: 1 });
  });

  it("[C17] destroy forgets the rooms that can't be left, too", async () => {
    const stub = env.HostileConnection.getByName("lost-room");
    await runInDurableObject(stub, (_object, { storage }) =>
      storage.put("_dormouse:rooms", new Map([["lost", {}]])),
    );
    await evictDurableObject(stub);

    await HostileConnection.get("lost-room").destroy();

    expect(await HostileConnection.get("lost-room").getRooms()).toEqual([]);
  });

  it("[C17] changes are stored still after a destroy that storage refused", async () => {
    const stub = env.HostileConnection.getByName("undestroyed");
    await runInDurableObject(stub, (_object, { storage }) => {
      const { deleteAll } = storage;
      storage.deleteAll = async () => {
        storage.deleteAll = deleteAll;
        throw new Error("not now");
      };
    });
    const outcome = await outcomeOf(HostileConnection.get("undestroyed").destroy());
    const socket = await connect("undestroyed");
    socket.send("add");
    await socket.event("n");
    await evictDurableObject(stub);

    socket.send("add");

    expect(outcome).toContain("not now");
    expect(await socket.event("n")).toEqual({ n: 2 });
  });

  it.each([
    ["user's object", () => env.HostileConnection.getByName("alarmed")],
    ["room", () => env.PickyRoom.getByName("alarmed")],
  ])(
    "[C17] [B8] no alarm is left of a %s that was destroyed, whatever deleteAll() leaves",
    async (_of, get) => {
      const stub = get();
      await runInDurableObject(stub, async (_object, { storage }) => {
        await storage.setAlarm(Date.now() + 3_600_000);
        // As it is before the compatibility date of 2026-02-24.
        storage.deleteAll = async () => {
          await storage.delete([...(await storage.list()).keys()]);
        };
      });

      await (stub as unknown as RoomStub).destroy();

      expect(await runInDurableObject(stub, (_object, { storage }) => storage.getAlarm())).toBeNull();
    },
  );

  it("[P23] may await what they send inside a transaction of their own", async () => {
    const socket = await connect("transfer");

    socket.send("transfer");

    expect(await socket.event("transferred")).toEqual({ n: 1 });
  });

  it("[P23] and nobody hears of what such a transaction's end could not store", async () => {
    const socket = await connect("transfer-unsaved");

    socket.send("transfer", true);

    expect(await socket.frame()).toMatchObject({ type: "error", code: "NOT_SAVED" });
    expect(seen.get("transfer-unsaved")).toEqual([expect.stringContaining("3000")]);
  });
});

describe("metadata", () => {
  it("[C2] share nothing with what extractMeta keeps for itself", async () => {
    const [ada, bob] = [await connect("meta-ada"), await connect("meta-bob")];

    ada.send("channel", "secret");
    await ada.event("channels");
    bob.send("channel");

    expect(await bob.event("channels")).toEqual({ channels: ["default"] });
  });

  it("[C15] route() lets nobody in whom extractMeta doesn't name", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await HostileConnection.route(
      new Request("https://test/ws?nobody", { headers: { Upgrade: "websocket" } }),
    );
    await response?.body?.cancel();
    logged.mockRestore();

    expect(response?.status).toBe(500);
  });

  it("[C15] route() answers a client whose id can be no name with 400", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const response = await HostileConnection.route(
      new Request(`https://test/ws?user=${"a".repeat(1_100)}`, { headers: { Upgrade: "websocket" } }),
    );
    await response?.body?.cancel();
    const messages = logged.mock.calls.map(([error]) => String(error));
    logged.mockRestore();

    expect(response?.status).toBe(400);
    expect(messages).toEqual([expect.stringContaining("is longer than 1024 bytes")]);
  });

  it("[C15] an object reached by an id without a name takes one of two users who come at once", async () => {
    const stub = env.TokenConnection.get(env.TokenConnection.newUniqueId());

    const answers = await Promise.all([upgrade(stub, "?user=first"), upgrade(stub, "?user=second")]);
    await answers[1]?.body?.cancel();

    expect(answers.map(({ status }) => status)).toEqual([101, 403]);
  });
});

describe("names", () => {
  it("[C16] hostile ones are names like others, and those no object can have are refused", async () => {
    const socket = await connect("names-of-rooms");
    const odd = ["", "__proto__", "constructor", "room:x", ":x", "é:ü", "x".repeat(1000)];

    socket.send("rooms", odd);
    for (let i = 0; i < odd.length; i++) await socket.event("said");
    const told = await socket.event("rooms");
    for (const room of ["x".repeat(1020), "picky:".padEnd(1025), "\ud800"]) socket.send("rooms", [room]);
    for (let i = 0; i < 3; i++) {
      expect(await socket.frame()).toMatchObject({ type: "error", code: "HANDLER_FAILED" });
    }

    expect(told).toEqual({ joined: odd.map(() => true), delivered: odd.map(() => 1), rooms: odd });
    expect(seen.get("names-of-rooms")).toEqual([
      expect.stringContaining(`begins with "room:${"x".repeat(35)}" is longer than 1024 bytes`),
      expect.stringContaining(`begins with "picky:${" ".repeat(34)}" is longer than 1024 bytes`),
      expect.stringContaining('begins with "room:\ufffd" is no well-formed text'),
    ]);
    expect(await HostileConnection.get("names-of-rooms").getRooms()).toEqual(odd);
    expect(() => HostileConnection.get("\ud800")).toThrow("well-formed");
    expect(() => PickyRoom.get("\ud800")).toThrow("well-formed");
    expect(() => PickyRoom.get("x".repeat(1025))).toThrow("is longer than 1024 bytes");
  });

  it("[C16] what a client says that is no text is no name, and the error says so", async () => {
    const socket = await connect("no-names");

    for (const name of [null, 42, ["x"]]) {
      socket.send("rooms", [name]);
      socket.send("tell", name);
    }
    for (let i = 0; i < 6; i++) expect(await socket.frame()).toMatchObject({ code: "HANDLER_FAILED" });

    const heard = seen.get("no-names")?.map((text) => /begins with (.*);/.exec(text)?.[1]);
    const expected = ["null", "null", "42", "42", "x", "x"].map((name) => `"${name}" is no well-formed text`);
    expect(heard).toEqual(expected);
  });

  it("[C16] a user who was never there gets no storage by being written to", async () => {
    const socket = await connect("teller");

    socket.send("tell", "never-there");

    expect(await socket.event("told")).toEqual({ sockets: 0 });
    const tables = await runInDurableObject(
      env.HostileConnection.getByName("never-there"),
      (_object, { storage }) => storage.sql.exec("select name from sqlite_master").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("sockets", () => {
  it("[B5] one that a handler closed connects nobody, and the next one is back in the rooms", async () => {
    const user = "hung-up";
    const { webSocket } = await upgrade(HostileConnection.get(user), `?user=${user}`);
    // A client that doesn't answer the close, so that the server hears of none.
    webSocket?.accept({ allowHalfOpen: true });
    webSocket?.send(JSON.stringify({ type: "joinWith", data: { room: "picky:hung-up", what: "plain" } }));
    webSocket?.send(JSON.stringify({ type: "hangUp" }));
    await vi.waitFor(async () => expect(await HostileConnection.get(user).isConnected()).toBe(false));
    for (let i = 0; i < 3; i++) await PickyRoom.get("picky:hung-up").broadcast("x");

    const members = [await PickyRoom.get("picky:hung-up").getMemberCount()];
    await connect(user);
    members.push(await PickyRoom.get("picky:hung-up").getMemberCount());

    expect(members).toEqual([0, 1]);
  });

  it("[B5] one that is closing is not counted as delivered to", async () => {
    await connect("half-closed");

    const delivered = await runInDurableObject(
      env.HostileConnection.getByName("half-closed"),
      (object, state) => {
        state.getWebSockets()[0]?.close(1000, "bye");
        return (object as unknown as UserPort).deliverFrames(["{}"]);
      },
    );

    expect(delivered).toBe(0);
  });

  it("[C10] close while handlers run and wait: these run to their end, then onDisconnect, and nobody is left", async () => {
    const socket = await connect("closing");

    for (let i = 0; i < 2; i++) socket.send("addLate");
    await sleep(10);
    socket.close();
    await vi.waitFor(() => expect(seen.get("closing")).toHaveLength(3));

    expect(seen.get("closing")).toEqual(["sent false", "sent false", "gone"]);
    expect(await HostileConnection.get("closing").isConnected()).toBe(false);
    const again = await connect("closing");
    again.send("add");
    expect(await again.event("n")).toEqual({ n: 3 });
  });

  it("[C1] an eviction while a handler runs loses nothing", async () => {
    const socket = await connect("evicted");

    for (let i = 0; i < 2; i++) socket.send("addLate");
    await sleep(10);
    await evictDurableObject(env.HostileConnection.getByName("evicted"));
    socket.send("add");

    expect([await socket.event("n"), await socket.event("n"), await socket.event("n")]).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });
});

describe("frames", () => {
  it("[W2] nested however deep are answered, and so is the next one", async () => {
    const socket = await connect("deep");
    const deep = "[".repeat(200_000) + "]".repeat(200_000);

    socket.sendRaw(`{"type":"keep","data":${deep}}`);
    socket.sendRaw(`{"type":"add","data":{"__proto__":1,"a":${deep}}}`);
    socket.send("add");

    expect(await socket.frame()).toMatchObject({ type: "error", code: "NOT_SAVED" });
    expect(await socket.frame()).toMatchObject({ type: "error", code: "BAD_JSON" });
    expect(await socket.event("n")).toEqual({ n: 1 });
  });

  it("[W2] a Response that a handler throws tells the client nothing of it", async () => {
    const socket = await connect("response");

    socket.send("throwResponse");

    expect(await socket.frame()).toEqual({
      type: "error",
      code: "HANDLER_FAILED",
      message: "The handler failed.",
      event: "throwResponse",
    });
  });

  it("[C20] a refusal stays small, however much is wrong with a payload", async () => {
    const socket = await open(env.ListedConnection.getByName("listed"));

    socket.send("list", Array(100_000).fill(1));

    expect(JSON.stringify(await socket.frame()).length).toBeLessThan(2000);
  });

  it("[C18] an event's name that is no string makes no broken frame", async () => {
    const stub = HostileConnection.get("names");
    const socket = await connect("names");

    await stub.deliverMessage(undefined as unknown as string, { a: 1 });
    await stub.deliverMessage("", { a: 1 });

    expect(await socket.event("undefined")).toEqual({ a: 1 });
    expect(await socket.event("")).toEqual({ a: 1 });
  });
});
