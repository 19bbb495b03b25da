import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { open } from "../connection/socket.ts";

it("a sharded room reaches everybody once", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `listener-${index}`);
  const sockets = await Promise.all(names.map((name) => open(env.LISTENER.getByName(name))));
  const [speaker, ...others] = sockets;

  speaker?.send("say", { text: "hello" });
  const heard = await speaker?.event("heard");
  const said = await Promise.all(others.map((socket) => socket.event("said")));

  expect(heard).toEqual({ by: 11 });
  expect(said).toEqual(others.map(() => ({ text: "hello" })));
});
