// The classes that docs/connections-and-rooms.md shows.
import { createConnectionHandler, createRoomHandler, defineConnection } from "@dormouse/do-runtime";

// #region room
export const Lobby = createRoomHandler({
  name: "LOBBY",
  connectionBinding: "PLAYER",
  state: { seats: 2, welcomed: 0 },

  async onJoin(room, member) {
    // Throwing refuses the member: joinRoom rejects.
    if (room.getMembers().length > room.state.seats) throw new Error("The lobby is full.");
    room.state.welcomed++;
    await room.broadcast("joined", { who: member.userId, number: room.state.welcomed });
  },

  async onLeave(room, member) {
    await room.broadcast("left", { who: member.userId });
  },
});

const player = defineConnection({
  connectionBinding: "PLAYER",
  rooms: { lobby: "LOBBY" },
});

player.on<{ lobby: number }>("play", async (ctx, { lobby }) => {
  await ctx.actor.joinRoom(`lobby:${lobby}`);
});

export const Player = createConnectionHandler(player);
// #endregion

// #region storage
const notebook = defineConnection({
  connectionBinding: "NOTEBOOK",
  state: { count: 0 },
  persistedKeys: ["count"],
});

notebook.on<{ text: string }>("note", async (ctx, { text }) => {
  ctx.state.count++;
  const number = String(ctx.state.count).padStart(6, "0");
  await ctx.actor.getStorage().put(`note:${number}`, { text, at: new Date() });
});

notebook.on("latest", async (ctx) => {
  const notes = await ctx.actor.getStorage().list({ prefix: "note:", reverse: true, limit: 10 });
  ctx.emit.emit("notes", { of: ctx.state.count, notes: [...notes.values()] });
});
// #endregion

export const Notebook = createConnectionHandler(notebook);
