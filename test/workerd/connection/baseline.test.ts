// One test for each way in which the systems before this one were seen to break.
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { PairConnection } from "../objects/connection.ts";
import { UserConnection } from "../objects/seed/basic.ts";
import { seen } from "../objects/seen.ts";
import { open, upgrade } from "./socket.ts";

const rowsWritten = (stub: DurableObjectStub): Promise<number> =>
  runInDurableObject(stub, (_instance, { storage }) =>
    Number(storage.sql.exec("select total_changes() as n").one()["n"]),
  );

const stored = (stub: DurableObjectStub): Promise<Record<string, unknown>> =>
  runInDurableObject(stub, async (_instance, { storage }) =>
    Object.fromEntries(await storage.list({ prefix: "_verani_persist:" })),
  );

describe("what was broken elsewhere", () => {
  it("[C1] 1: a message that wakes the object finds the stored state, and what it changes is stored again", async () => {
    const stub = env.CounterConnection.getByName("b1");
    const socket = await open(stub);
    await socket.event("welcome");
    const counts: unknown[] = [];

    for (let i = 0; i < 3; i++) {
      socket.send("add");
      counts.push(await socket.event("count"));
      await evictDurableObject(stub);
    }

    expect(counts).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
    expect(await stored(stub)).toMatchObject({ "_verani_persist:count": 3 });
  });

  it("[C2] 2: one user's nested state never shows in another's", async () => {
    const [a, b] = [env.DeepConnection.getByName("b2-a"), env.DeepConnection.getByName("b2-b")];
    const [first, second] = [await open(a), await open(b)];

    first.send("methods");
    await first.event("methods");
    second.send("readMethods");

    expect(await second.event("methods")).toEqual({ cards: [{ done: 0 }], tags: [], year: 1970 });
  });

  it("[C4] 3: a throw in extractMeta refuses the socket, and the user's live one stays", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const stub = env.TokenConnection.getByName("b3");
    const live = await open(stub, "?user=b3");

    const answers = [await upgrade(stub, "?user=b3&token=bad"), await upgrade(stub, "?user=b3&token=banned")];
    live.send("who");

    expect(answers.map(({ status, webSocket }) => ({ status, webSocket }))).toEqual([
      { status: 401, webSocket: null },
      { status: 403, webSocket: null },
    ]);
    expect(await answers[0]?.text()).toBe("Unauthorized");
    expect(await answers[1]?.text()).toBe("Banned");
    expect(await live.event("you")).toEqual({ userId: "b3" });
    logged.mockRestore();
  });

  it("[C5] 4: the late close of a replaced socket takes nothing from the one that replaced it", async () => {
    const stub = env.CounterConnection.getByName("b4");
    const first = await open(stub);
    first.send("join", { room: "b4" });
    await first.event("welcome");
    await first.event("joined");

    const second = await open(stub);
    await second.event("welcome");
    const closed = await first.untilClosed();
    first.close();
    second.send("add");
    const count = await second.event("count");
    second.send("say", { room: "b4", text: "me", includeSelf: true });

    expect(closed).toEqual({ code: 1000, reason: "Replaced by a newer connection" });
    expect(count).toEqual({ count: 1 });
    expect(await second.event("said")).toEqual({ text: "me" });
    expect(seen.get("b4")).toBeUndefined();
  });

  it("[C6] 5: a plain GET on the socket's path is 426 and touches nothing", async () => {
    const stub = env.CounterConnection.getByName("b5");
    const live = await open(stub);
    await live.event("welcome");

    const answer = await stub.fetch("https://test/ws");
    live.send("add");

    expect(answer.status).toBe(426);
    expect(answer.headers.get("Upgrade")).toBe("websocket");
    await answer.body?.cancel();
    expect(await live.event("count")).toEqual({ count: 1 });
    expect(live.closed).toBeUndefined();
  });

  it("[W1] 6: pings are answered", async () => {
    const socket = await open(env.CounterConnection.getByName("b6"));
    await socket.event("welcome");

    socket.sendRaw('{"type":"ping"}');
    socket.sendRaw('{"type":"ping","data":1}');

    expect([await socket.frame(), await socket.frame()]).toEqual([{ type: "pong" }, { type: "pong" }]);
  });

  it("[C7] 7: a PersistError can be caught, and no success is told of a write that wasn't saved", async () => {
    const socket = await open(env.StrictConnection.getByName("b7"));

    socket.send("catches");
    const caught = await socket.event("caught");
    const frames = [];
    for (const event of ["unsaved", "unsavedNoAwait", "unsavedSilently"]) {
      socket.send(event);
      frames.push(await socket.frame());
    }

    expect(caught).toEqual({ isPersistError: true, key: "a" });
    expect(frames).toEqual(
      ["unsaved", "unsavedNoAwait", "unsavedSilently"].map((event) => ({
        type: "error",
        code: "NOT_SAVED",
        message: "The change could not be stored.",
        event,
      })),
    );
    expect(seen.get("b7")).toEqual(Array(3).fill("error VALUE_TOO_LARGE a"));
  });

  it("[C7] 7: nor in a group commit, where several replies wait for one write", async () => {
    const socket = await open(env.GroupConnection.getByName("b7g"));

    socket.send("unsaved");
    socket.send("alsoUnsaved");
    const frames = [await socket.frame(), await socket.frame()];

    expect(frames.map(({ type, code }) => ({ type, code }))).toEqual([
      { type: "error", code: "NOT_SAVED" },
      { type: "error", code: "NOT_SAVED" },
    ]);
  });

  it("[C7] 7: nor to the handler whose change it was, when another one asked first", async () => {
    const stub = env.PairConnection.getByName("b7p");
    const [first, second] = [await open(stub), await open(stub)];

    first.send("unsavedSlowly");
    await first.event("started");
    second.send("ask");
    const frames = [await first.frame(), await second.frame()];

    expect(frames.map(({ code }) => code)).toEqual(["NOT_SAVED", undefined]);
  });

  it("[C7] 7: nor is the failure told again to a call that comes after it", async () => {
    const stub = PairConnection.get("b7l");
    const socket = await open(stub);
    socket.send("unsavedSlowly");
    await socket.event("started");
    const told = await socket.frame();

    const delivered = await stub.deliverMessage("later");

    expect(told.code).toBe("NOT_SAVED");
    expect(delivered).toBe(1);
    expect(await socket.frame()).toMatchObject({ data: { type: "later" } });
  });

  it("[C7] 7: nor is a socket refused for a failure that another one was told of", async () => {
    const stub = env.PairConnection.getByName("b7s");
    const first = await open(stub);
    first.send("unsavedSlowly");
    await first.event("started");
    await first.frame();

    const second = await open(stub);
    second.send("ask");

    expect(await second.frame()).toMatchObject({ data: { type: "answer" } });
  });

  it("[C8] 8: deep mode knows push, Map, Set and Date, and a nested object is itself", async () => {
    const stub = env.DeepConnection.getByName("b8");
    const socket = await open(stub);
    socket.send("methods");
    const { isSame } = await socket.event("methods");

    await evictDurableObject(stub);
    socket.send("readMethods");

    expect(isSame).toBe(true);
    expect(await socket.event("methods")).toEqual({
      cards: [{ done: 0 }, { done: 7 }],
      tags: ["new"],
      year: 2030,
    });
  });

  it("[C8] 9: values come back as what they were", async () => {
    const stub = env.DeepConnection.getByName("b9");
    const socket = await open(stub);
    socket.send("keep");
    await socket.event("done");

    await evictDurableObject(stub);
    socket.send("readKept");

    expect(await socket.event("kept")).toEqual({
      date: 5,
      looksLikeDate: { __type: "Date", value: "not one" },
      big: "12",
      minusZero: true,
      nan: true,
      nothing: true,
      bytes: [1, 2, 3],
      map: [1],
      sharing: true,
    });
  });

  it("[C9] 10: many writes to three keys are three rows, and the same values again are none", async () => {
    const stub = env.StrictConnection.getByName("b10");
    const socket = await open(stub);
    const rowsOf = async (data: object): Promise<number> => {
      const before = await rowsWritten(stub);
      socket.send("write", data);
      await socket.event("ok");
      return (await rowsWritten(stub)) - before;
    };
    await rowsOf({ times: 1, value: 1 });

    const rows = [await rowsOf({ times: 10 }), await rowsOf({ times: 10, value: 9 })];

    expect(rows).toEqual([3, 0]);
  });

  it("[C10] 11: ten async increments make ten", async () => {
    const socket = await open(env.CounterConnection.getByName("b11"));
    await socket.event("welcome");

    for (let i = 0; i < 10; i++) socket.send("addSlowly");
    const counts: unknown[] = [];
    for (let i = 0; i < 10; i++) counts.push(await socket.event("count"));

    expect(counts.at(-1)).toEqual({ count: 10 });
  });

  it("[W2] 12: whatever goes wrong has an answer", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const socket = await open(env.SeedDirect.getByName("b12"));

    socket.sendRaw("{ no json");
    socket.sendRaw("[]");
    socket.sendRaw(new ArrayBuffer(4));
    socket.send("noSuchEvent");
    socket.send("saveNote", null);
    const codes = [];
    for (let i = 0; i < 5; i++) codes.push((await socket.frame())["code"]);

    expect(codes).toEqual(["BAD_JSON", "BAD_FRAME", "BINARY_REFUSED", "UNKNOWN_EVENT", "HANDLER_FAILED"]);
    expect(logged).toHaveBeenCalledOnce();
    logged.mockRestore();
  });

  it("[W3] 13: a payload's own type renames nothing, and payloads that are no objects arrive as they are", async () => {
    const socket = await open(env.CounterConnection.getByName("b13"));
    await socket.event("welcome");
    const payloads = [{ type: "add", n: 1 }, [1, 2], "text", null, 0, { nested: { type: "x" } }];

    const frames = [];
    for (const payload of payloads) {
      socket.send("echo", payload);
      frames.push(await socket.frame());
    }

    const event = { type: "event", channel: "default" };
    expect(frames).toEqual([
      { ...event, data: { type: "echo" }, payload: { type: "add", n: 1 } },
      { ...event, data: { type: "echo" }, payload: [1, 2] },
      { ...event, data: { type: "echo" }, payload: "text" },
      { ...event, data: { type: "echo" }, payload: null },
      { ...event, data: { type: "echo" }, payload: 0 },
      { ...event, data: { type: "echo", nested: { type: "x" } } },
    ]);
  });

  it("[C9] 14: keys of one turn are stored together, and a key that can't be is told, not lost", async () => {
    const stub = env.StrictConnection.getByName("b14");
    const socket = await open(stub);

    socket.send("three", { fail: true });
    const refused = await socket.frame();
    socket.send("write", { times: 1, value: 5 });
    await socket.event("ok");

    expect(refused).toMatchObject({ type: "error", code: "NOT_SAVED" });
    expect(await stored(stub)).toEqual({
      "_verani_persist:a": 5,
      "_verani_persist:b": 5,
      "_verani_persist:c": 5,
    });
  });

  it("[P33] 14: a put that fails changes no key, and the next flush brings all of them", async () => {
    const stub = env.StrictConnection.getByName("b14-put");
    const socket = await open(stub);
    socket.send("write", { times: 1, value: 1 });
    await socket.event("ok");
    await runInDurableObject(stub, (_object, { storage }) => {
      const { kv } = storage;
      const { put } = kv;
      let rows = 0;
      kv.put = (key, value) => {
        if (++rows < 3) return put.call(kv, key, value);
        kv.put = put;
        throw new Error("the disk is full");
      };
    });

    socket.send("write", { times: 1, value: 7 });
    const answer = await socket.frame();
    const after = await stored(stub);
    socket.send("read");
    await socket.event("state");

    expect(answer).toMatchObject({ type: "error", code: "NOT_SAVED", event: "write" });
    expect(Object.values(after)).toEqual([1, 1, 1]);
    expect(Object.values(await stored(stub))).toEqual([7, 7, 7]);
  });

  it("[P24] 14: a handler that throws in its transaction leaves none of its writes", async () => {
    const stub = env.StrictConnection.getByName("b14-throw");
    const socket = await open(stub);
    socket.send("write", { times: 1, value: 1 });
    await socket.event("ok");

    socket.send("transaction");
    const answer = await socket.frame();
    socket.send("read");

    expect(answer).toMatchObject({ type: "error", code: "HANDLER_FAILED" });
    expect(await socket.event("state")).toEqual({ a: 1, b: 1, c: 1 });
    expect(Object.values(await stored(stub))).toEqual([1, 1, 1]);
  });

  it("[C11] 15: metadata over the attachment's limit are refused before the socket, and the live one stays", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const stub = env.TokenConnection.getByName("b15");
    const live = await open(stub, "?user=b15");

    const answer = await upgrade(stub, "?user=b15&token=large");
    live.send("who");

    expect(answer.status).toBe(431);
    expect(await answer.text()).toBe("The connection's metadata is too large.");
    expect(await live.event("you")).toEqual({ userId: "b15" });
    expect(String(logged.mock.calls[0]?.[0])).toMatch(/the metadata takes \d+ bytes .* the limit is 16384/);
    logged.mockRestore();
  });

  it("[C9] 16: a deleted key stays deleted", async () => {
    const stub = env.CounterConnection.getByName("b16");
    const socket = await open(stub);
    await socket.event("welcome");
    socket.send("label");
    const before = await socket.event("label");
    socket.send("label", null);
    await socket.event("label");

    await evictDurableObject(stub);
    socket.send("label");

    expect(before).toEqual({ label: "default", has: true });
    expect(await socket.event("label")).toEqual({ label: "none", has: false });
  });

  it("[C12] 17: a KV-backed object starts, persists and wakes", async () => {
    const stub = env.KvConnection.getByName("b17");
    const socket = await open(stub);
    socket.send("add");
    await socket.event("count");

    await evictDurableObject(stub);
    socket.send("add");

    expect(await socket.event("count")).toEqual({ count: 2 });
  });

  it("[C3] 18: the seed's first example needs no `rooms` entry", async () => {
    const socket = await open(UserConnection.get("b18"), "?userId=b18");

    socket.send("message", { text: "hello" });
    socket.sendRaw('{"type":"ping","data":"after it"}');

    expect(await socket.frame()).toEqual({ type: "pong" });
    expect(socket.received).toHaveLength(1);
  });
});
