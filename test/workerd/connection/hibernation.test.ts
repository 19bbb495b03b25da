import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { open, type TestSocket } from "./socket.ts";

async function send(socket: TestSocket, times: number, event: string, reply: string): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (let i = 0; i < times; i++) {
    socket.send(event);
    replies.push(await socket.event(reply));
  }
  return replies;
}

describe("hibernation", () => {
  it("[C1] counts on over an eviction on the same socket, and over a reconnect", async () => {
    const stub = env.CounterConnection.getByName("counts-on");
    const socket = await open(stub);
    await socket.event("welcome");
    await send(socket, 5, "add", "count");

    await evictDurableObject(stub);
    const counts = await send(socket, 5, "add", "count");
    socket.close();
    const again = await open(stub);

    expect(counts).toEqual([6, 7, 8, 9, 10].map((count) => ({ count })));
    expect(await again.event("welcome")).toEqual({ count: 10 });
  });

  it("[C1] restores nested state, followed deeply", async () => {
    const stub = env.DeepConnection.getByName("deep");
    const socket = await open(stub);
    await send(socket, 5, "work", "board");

    await evictDurableObject(stub);
    const boards = await send(socket, 5, "work", "board");

    expect(boards.at(-1)).toEqual({ done: 10, hits: 10 });
  });

  it("[C2] keeps objects with nested defaults apart", async () => {
    const [a, b] = await Promise.all([
      open(env.DeepConnection.getByName("nested-a")),
      open(env.DeepConnection.getByName("nested-b")),
    ]);

    await send(a, 3, "work", "board");
    const [board] = await send(b, 1, "work", "board");

    expect(board).toEqual({ done: 1, hits: 1 });
  });
});
