import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";
import { open, type TestSocket } from "./socket.ts";

async function openCounter(name: string): Promise<TestSocket> {
  const socket = await open(env.CounterConnection.getByName(name));
  await socket.event("welcome");
  return socket;
}

describe("emit", () => {
  it("[C18] to(userId) reaches that user's sockets, and tells how many there were", async () => {
    const [ada, bob] = [await openCounter("emit-ada"), await openCounter("emit-bob")];

    ada.send("tell", { to: "emit-bob", text: "psst" });
    ada.send("tell", { to: "emit-nobody", text: "psst" });

    expect(await bob.event("told")).toEqual({ text: "psst" });
    expect([await ada.event("delivered"), await ada.event("delivered")]).toEqual([
      { delivered: 1 },
      { delivered: 0 },
    ]);
  });

  it('[B1] to("room:<name>") reaches the members but the sender', async () => {
    const [ada, bob] = [await openCounter("emit-member-1"), await openCounter("emit-member-2")];
    for (const socket of [ada, bob]) {
      socket.send("join", { room: "emit" });
      await socket.event("joined");
    }

    ada.send("tell", { to: "room:emit", text: "all" });

    expect(await bob.event("told")).toEqual({ text: "all" });
    expect(await ada.event("delivered")).toEqual({ delivered: 1 });
  });

  it("[C7] a payload that can't be JSON fails the handler, and names the event", async () => {
    const socket = await open(env.TabsConnection.getByName("emit-bigint"));

    socket.send("bigint");

    expect(await socket.frame()).toMatchObject({ type: "error", code: "HANDLER_FAILED", event: "bigint" });
  });
});

describe("a definition", () => {
  it("[W2] forgets a handler that off() removed", () => {
    const connection = defineConnection({ name: "X" });
    connection.on("a", () => {}).on("b", () => {});

    connection.off("a");

    expect([...connection.handlers.keys()]).toEqual(["b"]);
  });

  it("[C18] a class made of it can be extended", async () => {
    const base = createConnectionHandler(defineConnection({ name: "Base" }));

    class Extended extends base {
      async rooms(): Promise<number> {
        return this.getRooms().length;
      }
    }

    expect(Object.getOwnPropertyNames(Extended.prototype)).toContain("rooms");
    expect(Extended.get).toBe(base.get);
  });
});
