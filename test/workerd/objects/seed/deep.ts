// "To track nested mutations automatically, use deep mode".
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

interface Meta {
  userId: string;
  clientId: string;
  channels: string[];
}

interface MyState {
  nested: { count: number };
}

const connection = defineConnection<Meta, Env, MyState>({
  state: { nested: { count: 0 } },
  persistedKeys: ["nested"],
  persistOptions: { shallow: false }, // Enable deep tracking
  // ...
  name: "SeedDeep",
});

connection.on("work", async (ctx) => {
  // Now this persists automatically:
  ctx.state.nested.count++;
  ctx.emit.emit("done", ctx.state.nested);
});

export const SeedDeep = createConnectionHandler(connection);
