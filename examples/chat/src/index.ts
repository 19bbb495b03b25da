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

// The Worker in front: finds the user's object, and lets whoever connects take part in the room.
export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname !== "/ws") return new Response("Not found", { status: 404 });
    const userId = url.searchParams.get("userId");
    if (!userId) return new Response("Say who you are: /ws?userId=NAME", { status: 400 });

    const user = UserConnection.get(userId);
    const response = await user.fetch(request);
    if (response.status === 101) await user.joinRoom("chat");
    return response;
  },
} satisfies ExportedHandler<Env>;
