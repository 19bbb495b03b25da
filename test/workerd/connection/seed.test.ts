import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { UserConnection } from "../objects/seed/basic.ts";
import { open } from "./socket.ts";

describe("the seed's programs", () => {
  it("[C3] runs the first example as printed: state persists, and the room hears", async () => {
    const [ada, bob] = await Promise.all(
      ["ada", "bob"].map((name) => open(UserConnection.get(name), `?userId=${name}`)),
    );
    await Promise.all(["ada", "bob"].map((name) => UserConnection.get(name).joinRoom("chat")));

    ada?.send("message", { text: "hello" });
    const heard = [await bob?.event("message")];
    await evictDurableObject(env.UserConnection.getByName("ada"));
    ada?.send("message", { text: "still here" });
    heard.push(await bob?.event("message"));

    expect(heard).toEqual([
      { text: "hello", messageNumber: 1 },
      { text: "still here", messageNumber: 2 },
    ]);
    expect(ada?.received).toEqual([]);
  });

  it("[C3] shallow: stores assignments, and no nested mutation", async () => {
    const stub = env.SeedShallow.getByName("shallow");
    const socket = await open(stub);
    const restored = async (command: string) => {
      socket.send(command);
      await socket.event("done");
      await evictDurableObject(stub);
      socket.send("read");
      return socket.event("state");
    };

    const states = [await restored("assign"), await restored("mutate"), await restored("reassign")];

    expect(states).toEqual([
      { theme: "light", preferences: { fontSize: 12 } },
      { theme: "light", preferences: { fontSize: 12 } },
      { theme: "light", preferences: { fontSize: 16 } },
    ]);
  });

  it("[C3] deep: stores nested mutations", async () => {
    const stub = env.SeedDeep.getByName("deep");
    const socket = await open(stub);
    socket.send("work");
    await socket.event("done");

    await evictDurableObject(stub);
    socket.send("work");

    expect(await socket.event("done")).toEqual({ count: 2 });
  });

  it("[C3] errors: with throwOnError false the handler goes on, and onPersistError hears of the key", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const stub = env.SeedErrors.getByName("errors");
    const socket = await open(stub);
    socket.send("grow");
    await socket.event("done");
    const messages = logged.mock.calls.map(([first]) => String(first));
    logged.mockRestore();

    socket.send("shrink");
    await socket.event("done");
    await evictDurableObject(stub);
    socket.send("read");

    expect(messages).toEqual(['Failed to persist "counter":']);
    expect(await socket.event("counter")).toEqual({ counter: 1 });
  });

  it("[C3] direct storage: put, prefix scan, delete", async () => {
    const socket = await open(env.SeedDirect.getByName("notes"));
    socket.send("saveNote", { id: "1", text: "one" });
    socket.send("saveNote", { id: "2", text: "two" });
    socket.send("getNotes");
    const both = await socket.event("notes");

    socket.send("deleteNote", { id: "1" });
    socket.send("getNotes");

    expect(both).toMatchObject({ notes: [{ text: "one", author: "notes" }, { text: "two" }] });
    expect(await socket.event("notes")).toMatchObject({ notes: [{ text: "two" }] });
  });

  it("[C3] direct storage: transactions", async () => {
    const socket = await open(env.SeedDirect.getByName("transfer"));
    socket.send("deposit", { amount: 10 });
    socket.send("transfer", { amount: 7, recipient: "bob" });
    socket.send("transfer", { amount: 7, recipient: "bob" });
    socket.send("balance");

    expect(await socket.event("error")).toEqual({ message: "Insufficient balance" });
    expect(await socket.event("balance")).toEqual({ balance: 3, transfers: [{ amount: 7, to: "bob" }] });
  });

  it("[C3] direct storage: SQL", async () => {
    const socket = await open(env.SeedDirect.getByName("sql"));
    socket.send("query");

    expect(await socket.event("history")).toEqual({ messages: [] });
  });

  it("[C3] both together: persisted state, and a history in storage", async () => {
    const stub = env.SeedBoth.getByName("both");
    const socket = await open(stub);
    const before = await socket.event("history");
    socket.send("message", { text: "hi" });
    socket.send("read");
    const state = await socket.event("state");
    await evictDurableObject(stub);
    socket.send("read");
    const restored = await socket.event("state");
    const again = await open(stub);

    expect(before).toEqual({ messages: [] });
    expect(state).toEqual({ messageCount: 1, online: true });
    expect(restored).toEqual({ messageCount: 1, online: false });
    expect(await again.event("history")).toEqual({ messages: [{ text: "hi", author: "both" }] });
  });
});
