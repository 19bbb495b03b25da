// The examples of the docstrings that stand at the top level of a module. Each region is named after what its docstring is about.
import {
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
  defineContract,
  payload,
} from "@dormouse/do-runtime";

// #region defineContract
const events = defineContract({
  client: { message: payload<{ text: string }>() },
  server: { message: payload<{ from: string; text: string }>() },
});
// #endregion

// #region defineConnection
const connection = defineConnection({
  state: { messages: 0 },
  persistedKeys: ["messages"],
});
connection.on<{ text: string }>("message", async (ctx, data) => {
  ctx.state.messages++;
  ctx.emit.emit("message", { text: data.text, number: ctx.state.messages });
});
// #endregion

// #region createConnectionHandler
export const UserConnection = createConnectionHandler(connection);

export default {
  async fetch(request) {
    return (await UserConnection.route(request)) ?? new Response("Not found", { status: 404 });
  },
} satisfies ExportedHandler<Env>;
// #endregion

// #region createRoomHandler
export const ChatRoom = createRoomHandler({
  name: "ChatRoom",
  state: { messages: 0 },
  onJoin: (room, member) => room.broadcast("joined", { userId: member.userId }),
});
// #endregion

export { events };
