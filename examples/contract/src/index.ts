import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";
import { events } from "./events.ts";

const connection = defineConnection({
  connectionBinding: "GUEST",
  events,
  state: { entries: [] as { text: string; at: Date }[] },
  persistedKeys: ["entries"],
  persistOptions: { shallow: false },
});

// `text` is a string, trimmed and of 1 to 280 characters: nothing else gets here.
connection.on("sign", (ctx, { text }) => {
  ctx.state.entries.push({ text, at: new Date() });
  // Another event, or a payload of another type, does not compile.
  ctx.emit.emit("signed", { by: ctx.meta.userId, text, number: ctx.state.entries.length });
});

export const Guest = createConnectionHandler(connection);

export default {
  fetch(request) {
    const userId = new URL(request.url).searchParams.get("userId");
    if (!userId) return new Response("Say who you are: /ws?userId=NAME", { status: 400 });
    return Guest.get(userId).fetch(request);
  },
} satisfies ExportedHandler;
