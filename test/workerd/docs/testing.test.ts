// #region socket
import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";

it("hears over a socket that was open while the object was out of memory", async () => {
  const channel = env.CHANNEL.getByName("owls");
  const response = await channel.fetch("https://test/ws?channel=owls&name=ada", {
    headers: { Upgrade: "websocket" },
  });
  const socket = response.webSocket;
  if (!socket) throw new Error(await response.text());
  const frames: { data: unknown }[] = [];
  socket.addEventListener("message", ({ data }) => {
    frames.push(JSON.parse(String(data)) as { data: unknown });
  });
  socket.accept();

  await evictDurableObject(channel);
  socket.send(JSON.stringify({ type: "say", data: { text: "hello" } }));

  await expect.poll(() => frames.at(-1)?.data).toEqual({ type: "said", from: "ada", text: "hello" });
});
// #endregion
