// Whom the law of comings and goings plays with: users who count, and meet in rooms of their own binding.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

const sleep = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));

const guest = (name: string, commit: "turn" | "group") => {
  const connection = defineConnection({
    name,
    commit,
    maxSockets: 2,
    state: { n: 0 },
    persistedKeys: ["n"],
    onConnect(ctx) {
      ctx.emit.emit("hello", { n: ctx.state.n });
    },
  });
  connection.on("count", async (ctx, delayMs) => {
    ctx.state.n++;
    if (delayMs > 0) await sleep(delayMs);
    ctx.emit.emit("counted", { n: ctx.state.n });
  });
  connection.on("join", (ctx, room) => ctx.actor.joinRoom(room));
  connection.on("leave", (ctx, room) => ctx.actor.leaveRoom(room));
  connection.on("say", (ctx, { room, number }) => ctx.emit.toRoom(room).emit("said", { number }));
  return connection;
};

export class LawGuest extends createConnectionHandler(guest("LawGuest", "turn")) {}
export class LawGroupGuest extends createConnectionHandler(guest("LawGroupGuest", "group")) {}

/** The broken double: nobody who goes leaves. */
export class LawForgetfulGuest extends createConnectionHandler(guest("LawForgetfulGuest", "turn")) {
  override async webSocketClose() {}
}
