// Classes with methods of their own, which run with the object's state.
import { createConnectionHandler, createRoomHandler, defineConnection } from "@dormouse/do-runtime";
import { see } from "./seen.ts";

const own = defineConnection({
  name: "OwnConnection",
  connectionBinding: "OwnConnection",
  commit: "group",
  maxSockets: 2,
  state: { count: 0, text: "" },
  persistedKeys: ["count", "text"],
  onPersistError() {},
  onError: (error, ctx) => see(ctx.meta.userId, error.message),
});

export class OwnConnection extends createConnectionHandler(own) {
  add(count: number, text = "") {
    return this.run((ctx) => {
      ctx.state.count += count;
      ctx.state.text = text;
      ctx.emit.emit("added", { count });
      return ctx.state.count;
    });
  }

  failHalfway() {
    return this.run(async (ctx) => {
      ctx.state.count++;
      await ctx.flush();
      throw new Error("halfway");
    });
  }
}

const room = createRoomHandler({
  name: "OwnRoom",
  state: { topic: "", changes: 0 },
  onPersistError() {},
});

export class OwnRoom extends room {
  rename(topic: string) {
    return this.run((room) => {
      room.state.topic = topic;
      return ++room.state.changes;
    });
  }
}
