import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { seen } from "../objects/seen.ts";
import { open } from "./socket.ts";

it("[W1] answers a ping without waking the object", async () => {
  const stub = env.CounterConnection.getByName("ping-asleep");
  const socket = await open(stub);
  await socket.event("welcome");
  await evictDurableObject(stub);

  socket.sendRaw('{"type":"ping"}');

  expect(await socket.frame()).toEqual({ type: "pong" });
  expect(seen.get("ping-asleep")).toBeUndefined();
});
