// "Shallow vs Deep Tracking", the shallow half; the assignments are the seed's.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

interface State {
  theme: string;
  preferences: { fontSize: number };
}

const connection = defineConnection({
  name: "SeedShallow",
  state: { theme: "dark", preferences: { fontSize: 12 } } as State,
  persistedKeys: ["theme", "preferences"],
});

connection.on("assign", async (ctx) => {
  // This WILL persist (top-level assignment):
  ctx.state.theme = "light";
  ctx.emit.emit("done", ctx.state);
});

connection.on("mutate", async (ctx) => {
  // This will NOT persist (nested mutation, shallow mode):
  ctx.state.preferences.fontSize = 16;
  ctx.emit.emit("done", ctx.state);
});

connection.on("reassign", async (ctx) => {
  // To persist nested changes, reassign the whole object:
  ctx.state.preferences = { ...ctx.state.preferences, fontSize: 16 };
  ctx.emit.emit("done", ctx.state);
});

connection.on("read", async (ctx) => {
  ctx.emit.emit("state", ctx.state);
});

export const SeedShallow = createConnectionHandler(connection);
