// What goes wrong in a user's own code must not lock the user out.
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { TokenConnection } from "../objects/connection.ts";
import { open, upgrade } from "./socket.ts";

const routed = (query: string): Promise<Response | undefined> =>
  TokenConnection.route(new Request(`https://test/ws${query}`, { headers: { Upgrade: "websocket" } }));

it("[C5] replaces a socket whose metadata a handler has made too large", async () => {
  const stub = env.CounterConnection.getByName("outgrown");
  const first = await open(stub);
  await first.event("welcome");
  first.send("setChannels", ["x".repeat(20_000)]);
  expect(await first.frame()).toMatchObject({ type: "error", code: "HANDLER_FAILED" });

  const second = await open(stub);
  await second.event("welcome");
  second.send("add");

  expect(await second.event("count")).toEqual({ count: 1 });
  expect((await first.untilClosed()).code).toBe(1000);
});

it("[C17] destroys an object whose metadata a handler has made too large", async () => {
  const { CounterConnection } = await import("../objects/connection.ts");
  const socket = await open(env.CounterConnection.getByName("outgrown-destroyed"));
  await socket.event("welcome");
  socket.send("setChannels", ["x".repeat(20_000)]);
  await socket.frame();

  await CounterConnection.get("outgrown-destroyed").destroy();

  expect((await socket.untilClosed()).code).toBe(1000);
});

it("[C15] what extractMeta returned comes through route() as it is", async () => {
  const response = await routed("?user=typed&token=typed");
  const socket = await open({ fetch: async () => response ?? new Response() });
  socket.send("types");

  expect(await socket.event("types")).toEqual({ since: true, rights: true });
});

it("[C15] an object reached by an id without a name takes no other user while one is connected", async () => {
  const stub = env.TokenConnection.get(env.TokenConnection.newUniqueId());
  await open(stub, "?user=first");

  const answer = await upgrade(stub, "?user=second");
  await answer.body?.cancel();

  expect(answer.status).toBe(403);
});

it("[C7] never tells of a success when only storage refuses the value", async () => {
  const socket = await open(env.StrictConnection.getByName("foreign-proxy"));
  socket.send("foreignProxy");

  expect(await socket.frame()).toMatchObject({ type: "error", code: "NOT_SAVED", event: "foreignProxy" });
});
