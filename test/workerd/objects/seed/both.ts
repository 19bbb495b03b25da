// "Use Both Together".
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

interface Meta {
  userId: string;
  clientId: string;
  channels: string[];
}

interface UserState {
  messageCount: number;
  online: boolean;
}

const connection = defineConnection<Meta, Env, UserState>({
  // Persisted state for quick access
  state: { messageCount: 0, online: false },
  persistedKeys: ["messageCount"],

  async onConnect(ctx) {
    ctx.state.online = true; // Not persisted (not in persistedKeys)
    // oxlint-disable-next-line no-unused-expressions -- as printed
    ctx.state.messageCount; // Persisted, auto-loaded

    // Direct storage for message history
    const storage = ctx.actor.getStorage();
    const recent = await storage.list({ prefix: "msg:", limit: 50 });
    ctx.emit.emit("history", { messages: Array.from(recent.values()) });
  },
  // Added: the binding.
  name: "SeedBoth",
});

connection.on<{ text: string }>("message", async (ctx, data) => {
  ctx.state.messageCount++;

  const storage = ctx.actor.getStorage();
  await storage.put(`msg:${Date.now()}`, {
    text: data.text,
    author: ctx.meta.userId,
  });
});

connection.on("read", async (ctx) => {
  ctx.emit.emit("state", ctx.state);
});

export const SeedBoth = createConnectionHandler(connection);
