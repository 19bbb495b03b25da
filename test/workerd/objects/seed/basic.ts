// The seed's first program, as printed; only the import's package name differs.
import { defineConnection, createConnectionHandler } from "@dormouse/do-runtime";

interface Meta {
  userId: string;
  clientId: string;
  channels: string[];
}

interface UserState {
  messageCount: number;
  lastSeen: number;
  theme: string;
}

const connection = defineConnection<Meta, Env, UserState>({
  name: "UserConnection",
  websocketPath: "/ws",
  connectionBinding: "UserConnection",

  // Initial state for new connections
  state: {
    messageCount: 0,
    lastSeen: 0,
    theme: "dark",
  },

  // Which keys survive hibernation and reconnection
  persistedKeys: ["messageCount", "lastSeen", "theme"],

  extractMeta(req) {
    const url = new URL(req.url);
    return {
      userId: url.searchParams.get("userId") ?? crypto.randomUUID(),
      clientId: crypto.randomUUID(),
      channels: ["default"],
    };
  },

  async onConnect(ctx) {
    // State is already loaded from storage. Read it directly:
    console.log(`User has sent ${ctx.state.messageCount} messages`);

    // Write to it — persisted automatically:
    ctx.state.lastSeen = Date.now();
  },
});

connection.on<{ text: string }>("message", async (ctx, data) => {
  // Increment counter — auto-persisted
  ctx.state.messageCount++;
  ctx.state.lastSeen = Date.now();

  // Use state in your logic
  await ctx.emit.toRoom("chat").emit("message", {
    text: data.text,
    messageNumber: ctx.state.messageCount,
  });
});

export const UserConnection = createConnectionHandler(connection);
