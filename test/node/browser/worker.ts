// The Worker that the browser's tests talk to.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";
import { contract } from "./contract.ts";

const connection = defineConnection({
  events: contract,
  extractMeta(request) {
    const userId = new URL(request.url).searchParams.get("userId") ?? "";
    return { userId, clientId: crypto.randomUUID(), channels: ["default"] };
  },
  state: { count: 0 },
  persistedKeys: ["count"],
  onConnect(ctx) {
    ctx.emit.emit("welcome", { count: ctx.state.count });
  },
});
connection.on("message", async (ctx, { text }) => {
  ctx.state.count++;
  ctx.emit.emit("message", { text, number: ctx.state.count });
  ctx.emit.emit("list", [ctx.state.count]);
});
connection.on("drop", async (ctx) => {
  ctx.ws.close(1012, "Restarting");
});

export const UserConnection = createConnectionHandler(connection);

export default {
  async fetch(request: Request): Promise<Response> {
    const page = new Response("<!doctype html><title>client</title>", {
      headers: { "content-type": "text/html" },
    });
    return (await UserConnection.route(request)) ?? page;
  },
};
