// The objects that the inspector's tests look into.
import { createConnectionHandler, defineConnection } from "@dormouse/do-runtime";

const firstState = () => ({
  board: { title: "Board", cards: [{ done: false }], tags: new Set(["a"]), members: new Map([["ann", 1]]) },
  log: [] as unknown[],
  here: 0,
});

const inspected = defineConnection({
  name: "Inspected",
  state: firstState(),
  persistedKeys: ["board", "log"],
  persistOptions: { shallow: false, throwOnError: false },
  onPersistError: () => {},
  inspect: true,
  inspectGuard: async (request) => {
    const { searchParams } = new URL(request.url);
    if (searchParams.has("throws")) throw new Error("the guard is broken");
    return searchParams.get("token") === "open sesame";
  },
});
inspected.on("finish", (ctx) => {
  for (const card of ctx.state.board.cards) card.done = true;
  ctx.state.here++;
  ctx.emit.emit("done");
});
inspected.on("write", (ctx, data) => {
  ctx.state.log.push(data);
  ctx.emit.emit("done");
});
inspected.on("writeTooMuch", (ctx) => {
  ctx.state.log.push("x".repeat(3_000_000));
  ctx.emit.emit("done");
});

export const Inspected = createConnectionHandler(inspected);

export const NotInspected = createConnectionHandler(
  defineConnection({ name: "NotInspected", inspectGuard: () => true }),
);
