// The objects that the inspector's tests look into.
import {
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
  type RoomMember,
} from "@dormouse/do-runtime";

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

const hasToken = (request: Request) => new URL(request.url).searchParams.get("token") === "open sesame";

export const InspectedRoom = createRoomHandler({
  name: "InspectedRoom",
  state: { topic: "moss", seen: new Set<string>(), lastJoin: 0 },
  persistedKeys: ["topic", "seen"],
  persistOptions: { shallow: false },
  onJoin: ({ state }, { userId }: RoomMember) => {
    state.seen.add(userId);
    state.lastJoin = 1;
  },
  inspect: true,
  inspectGuard: hasToken,
});

/** Nothing is known of its state before somebody sets it. */
export const InspectedPlainRoom = createRoomHandler({
  name: "InspectedPlainRoom",
  inspect: true,
  inspectGuard: hasToken,
});
