import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

// #region shards
/** As many as it takes to keep each room below a few thousand members. */
const SHARDS = 4;

/** The same user goes to the same shard, always. */
function shardOf(userId: string): number {
  let hash = 0;
  for (const char of userId) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % SHARDS;
}

const listener = defineConnection({
  connectionBinding: "LISTENER",
  async onConnect(ctx) {
    await ctx.actor.joinRoom(`hall-${shardOf(ctx.meta.userId)}`);
  },
});

listener.on<{ text: string }>("say", async (ctx, { text }) => {
  const shards = Array.from({ length: SHARDS }, (_, shard) => ctx.emit.toRoom(`hall-${shard}`));
  const counts = await Promise.all(shards.map((shard) => shard.emit("said", { text })));
  ctx.emit.emit("heard", { by: counts.reduce((sum, count) => sum + count) });
});

export const Listener = createConnectionHandler(listener);
// #endregion
