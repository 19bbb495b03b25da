// Alarms and methods of a class's own run with the object's state, and end when what they have changed is stored.
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { seen } from "../objects/seen.ts";
import { open } from "./socket.ts";

const tooLarge = "x".repeat(3_000_000);
const stored = (stub: DurableObjectStub): Promise<unknown> =>
  runInDurableObject(stub, async (_object, { storage }) =>
    Object.fromEntries(await storage.list({ prefix: "_verani_persist:" })),
  );

/** What a call fails with; caught in the call itself, since what an RPC's promise rejects with counts as unhandled a moment later. */
const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "nothing",
    (error: unknown) => String(error),
  );

describe("a method of a user's object", () => {
  it("[C21] resolves to what it returns, stored by then, and sends to every socket", async () => {
    const stub = env.OwnConnection.getByName("own");
    const sockets = [await open(stub), await open(stub)];

    expect(await stub.add(2)).toBe(2);
    expect(await stored(stub)).toMatchObject({ "_verani_persist:count": 2 });
    for (const socket of sockets) expect(await socket.event("added")).toEqual({ count: 2 });
    await evictDurableObject(stub);
    expect(await stub.add(3)).toBe(5);
  });

  it("[C21] rejects where what it has changed can't be stored, and sends nothing about it", async () => {
    const stub = env.OwnConnection.getByName("own-unsaved");
    const socket = await open(stub);

    expect(await failure(stub.add(1, tooLarge))).toContain('"text" takes');
    expect(await stub.add(1, "short")).toBe(2);
    expect(await socket.event("added")).toEqual({ count: 1 });
    expect(socket.received).toHaveLength(1);
    expect(await stored(stub)).toEqual({ "_verani_persist:count": 2, "_verani_persist:text": "short" });
  });

  it("[C21] hears of no failure from before it began", async () => {
    const stub = env.OwnConnection.getByName("own-later");
    expect(await failure(stub.add(1, tooLarge))).toContain('"text" takes');

    expect(await runInDurableObject(stub, (object) => object.run((ctx) => ctx.state.count))).toBe(1);
  });

  it("[C21] rejects with what it throws; what it had stored stays", async () => {
    const stub = env.OwnConnection.getByName("own-throws");

    expect(await failure(stub.failHalfway())).toContain("halfway");
    expect(await stored(stub)).toEqual({ "_verani_persist:count": 1 });
    expect(seen.get("own-throws")).toBeUndefined();
  });

  it("[C21] [B14] is the only one to call run(): what that gives can't cross to another object", async () => {
    const stubs = [env.OwnConnection.getByName("own-run"), env.OwnRoom.getByName("own-run")];

    for (const stub of stubs) expect(await failure(stub.run(() => 1))).toContain('does not implement "run"');
  });

  it("[C21] is refused in a room's object", async () => {
    const stub = env.OwnConnection.getByName("room:own");

    expect(await failure(stub.add(1))).toContain("this is a room's object");
  });
});

describe("a method of a room", () => {
  it("[B14] resolves to what it returns, stored by then", async () => {
    const stub = env.OwnRoom.getByName("own");

    expect(await stub.rename("cheese")).toBe(1);
    expect(await stored(stub)).toEqual({ "_verani_persist:topic": "cheese", "_verani_persist:changes": 1 });
    await evictDurableObject(stub);
    expect(await stub.getRoomState()).toEqual({ topic: "cheese", changes: 1 });
  });

  it("[B14] rejects where what it has changed can't be stored", async () => {
    const stub = env.OwnRoom.getByName("own-unsaved");

    expect(await failure(stub.rename(tooLarge))).toContain('"topic" takes');
    expect(await stub.rename("short")).toBe(2);
  });
});
