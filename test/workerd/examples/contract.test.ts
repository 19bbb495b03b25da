import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import worker from "../../../examples/contract/src/index.ts";
import { open } from "../connection/socket.ts";

/** Opens a socket the way a client does: through the Worker. */
const visit = (userId: string) =>
  open({ fetch: async (url, { headers }) => ask(url, headers) }, `?userId=${userId}`);

const ask = async (url: string, headers: HeadersInit = {}) =>
  worker.fetch(new Request<unknown, IncomingRequestCfProperties>(url, { headers }));

it("numbers what is signed, trimmed, and goes on after an eviction", async () => {
  const socket = await visit("ada");

  socket.send("sign", { text: "  hello " });
  expect(await socket.event("signed")).toEqual({ by: "ada", text: "hello", number: 1 });
  await evictDurableObject(env.GUEST.getByName("ada"));
  socket.send("sign", { text: "again" });

  expect(await socket.event("signed")).toEqual({ by: "ada", text: "again", number: 2 });
});

it.each([
  ["blank", { text: "   " }],
  ["long", { text: "x".repeat(281) }],
  ["number", { text: 7 }],
  ["missing", undefined],
])("refuses a %s text, and keeps nothing of it", async (userId, payload) => {
  const socket = await visit(userId);

  socket.send("sign", payload);
  const error = await socket.frame();
  socket.send("sign", { text: "fine" });

  expect(error).toMatchObject({ type: "error", code: "PAYLOAD_REFUSED", event: "sign" });
  expect(await socket.event("signed")).toMatchObject({ number: 1 });
});

it("asks who it is", async () => {
  const response = await ask("https://test/ws");

  expect([response.status, await response.text()]).toEqual([400, "Say who you are: /ws?userId=NAME"]);
});
