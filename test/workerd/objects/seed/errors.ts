// "Error Handling": storage operations can fail.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

interface Meta {
  userId: string;
  clientId: string;
  channels: string[];
}

interface MyState {
  counter: number | string;
}

const connection = defineConnection<Meta, Env, MyState>({
  state: { counter: 0 },
  persistedKeys: ["counter"],
  persistOptions: { throwOnError: false }, // Don't crash on storage errors

  onPersistError(key, error) {
    console.error(`Failed to persist "${key}":`, error.message);
    // Optionally: notify monitoring, retry, etc.
  },
  // ...
  name: "SeedErrors",
});

connection.on("grow", async (ctx) => {
  ctx.state.counter = "x".repeat(3_000_000);
  ctx.emit.emit("done");
});

connection.on("shrink", async (ctx) => {
  ctx.state.counter = 1;
  ctx.emit.emit("done");
});

connection.on("read", async (ctx) => {
  ctx.emit.emit("counter", { counter: ctx.state.counter });
});

export const SeedErrors = createConnectionHandler(connection);
