// A room whose members each have an object and a socket of their own.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

const connection = defineConnection({
  name: "Member",
  async onConnect(ctx) {
    await ctx.actor.joinRoom("hall");
  },
});
connection.on("say", async (ctx, data) => {
  const delivered = await ctx.emit.toRoom("hall", { includeSelf: true }).emit("said", data);
  ctx.emit.emit("delivered", { delivered });
});

export const Member = createConnectionHandler(connection);

export default {
  async fetch(request: Request): Promise<Response> {
    const name = new URL(request.url).searchParams.get("name") ?? "nobody";
    return Member.get(name).fetch(request);
  },
};
