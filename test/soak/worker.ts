// What the soak test wears out: users who count, and one room.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

const connection = defineConnection({
  state: { count: 0, nested: { hits: 0 } },
  persistedKeys: ["count", "nested"],
  persistOptions: { shallow: false },
  async onConnect(ctx) {
    await ctx.actor.joinRoom("soak");
    ctx.emit.emit("welcome", { count: ctx.state.count, hits: ctx.state.nested.hits });
  },
});
connection.on("add", async (ctx) => {
  ctx.state.count++;
  ctx.state.nested.hits++;
  ctx.emit.emit("count", { count: ctx.state.count, hits: ctx.state.nested.hits });
});
connection.on("say", async (ctx, data) => {
  const delivered = await ctx.emit.toRoom("soak").emit("said", data);
  ctx.emit.emit("delivered", { delivered });
});

export const UserConnection = createConnectionHandler(connection);

export default {
  fetch: () => new Response("Not found", { status: 404 }),
};
