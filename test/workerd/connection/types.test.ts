import {
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
  defineContract,
  payload,
} from "@dormouse/do-runtime";
import { describe, expectTypeOf, it } from "vitest";

describe("the types of a definition without type arguments", () => {
  it("are those of its state, of what extractMeta returns, and of the Worker's bindings", () => {
    const connection = defineConnection({
      state: { count: 0, tags: new Set<string>() },
      persistedKeys: ["count", "tags"],
      extractMeta: async () => ({ userId: "ann", clientId: "1", channels: [], age: 4 }),
      inspectGuard: (_request, env) => {
        expectTypeOf(env).toEqualTypeOf<Cloudflare.Env>();
        return false;
      },
    });
    connection.on<{ text: string }>("say", (ctx, data) => {
      expectTypeOf(ctx.state).toEqualTypeOf<{ count: number; tags: Set<string> }>();
      expectTypeOf(ctx.meta.age).toEqualTypeOf<number>();
      expectTypeOf(ctx.env).toEqualTypeOf<Cloudflare.Env>();
      expectTypeOf(data).toEqualTypeOf<{ text: string }>();
    });
  });

  it("take a text into the channels, though extractMeta returned none", () => {
    const connection = defineConnection({
      extractMeta: () => ({ userId: "ann", clientId: "1", channels: [], age: 4 }),
    });
    connection.on("follow", (ctx) => {
      ctx.meta.channels.push("news");
      expectTypeOf(ctx.meta.channels).toEqualTypeOf<string[]>();
      expectTypeOf(ctx.meta.age).toEqualTypeOf<number>();
    });
  });

  it("know which keys there are to persist", () => {
    // @ts-expect-error -- there is no such key
    defineConnection({ state: { count: 0 }, persistedKeys: ["size"] });
    // @ts-expect-error -- nor here
    createRoomHandler({ state: { count: 0 }, persistedKeys: ["size"] });
  });

  it("are those of its contract, whoever is sent to", () => {
    const events = defineContract({
      client: { add: payload<{ amount: number }>() },
      server: { total: payload<{ total: number }>(), tick: payload<undefined>() },
    });
    const connection = defineConnection({ events, state: { total: 0 } });
    connection.on("add", (ctx, data) => {
      expectTypeOf(data).toEqualTypeOf<{ amount: number }>();
      expectTypeOf(ctx.state).toEqualTypeOf<{ total: number }>();
      ctx.emit.emit("total", { total: 1 });
      ctx.emit.emit("tick");
      // @ts-expect-error -- another payload
      ctx.emit.emit("total", { total: "1" });
      // @ts-expect-error -- none
      ctx.emit.emit("total");
      // @ts-expect-error -- the clients' event
      ctx.emit.emit("add", { amount: 1 });
      for (const target of [ctx.emit.toRoom("r"), ctx.emit.toUser("u"), ctx.emit.to("room:r")]) {
        void target.emit("total", { total: 1 });
        // @ts-expect-error -- another payload
        void target.emit("total", { total: "1" });
        // @ts-expect-error -- none
        void target.emit("total");
      }
    });
    // @ts-expect-error -- the server's event
    connection.on("total", () => {});
    // @ts-expect-error -- there is no such event
    connection.off("ad");
    connection.off("add");
    const Counter = createConnectionHandler(connection);
    // Never called: there are no such objects.
    expectTypeOf(async () => {
      const counter = Counter.get("ann");
      await counter.deliverMessage("tick");
      // @ts-expect-error -- another payload
      await counter.deliverMessage("total", { total: "1" });
      // @ts-expect-error -- there is no such event
      await counter.deliverMessage("totals", { total: 1 });
      return counter.deliverMessage("total", { total: 1 });
    }).returns.resolves.toEqualTypeOf<number>();
    const Hall = createRoomHandler({
      events,
      state: { joined: 0 },
      async onJoin(room, member) {
        await room.broadcast("total", { total: room.state.joined }, { exceptUserId: member.userId });
        await room.broadcast("tick");
        // @ts-expect-error -- another payload
        await room.broadcast("total", { total: "1" });
        // @ts-expect-error -- the clients' event
        await room.broadcast("add", { amount: 1 });
      },
    });
    // Never called: there are no such objects.
    expectTypeOf(async () => {
      await Hall.get("hall").broadcast("total", { total: 1 });
      // @ts-expect-error -- there is no such event
      return Hall.get("hall").broadcast("totals", { total: 1 });
    }).returns.resolves.toEqualTypeOf<number>();
  });

  it("are a room's, too", () => {
    createRoomHandler({
      state: { joined: 0 },
      onJoin(room) {
        expectTypeOf(room.state).toEqualTypeOf<{ joined: number }>();
        expectTypeOf(room.env).toEqualTypeOf<Cloudflare.Env>();
      },
    });
  });

  it("are those of a class of one's own that extends ours, for whoever calls its objects", () => {
    class Hall extends createRoomHandler({ state: { seats: 2, guests: new Map<string, Date>() } }) {
      async rename(title: string) {
        return title.length;
      }
    }
    class Guest extends createConnectionHandler(defineConnection({ state: { count: 0 } })) {
      async ask(question: string) {
        return [question];
      }
    }
    // Never called: there are no such objects.
    expectTypeOf(async () => {
      const hall = Hall.get("hall");
      await hall.setRoomState({ seats: 3 });
      // @ts-expect-error -- there is no such key
      await hall.setRoomState({ chairs: 3 });
      // @ts-expect-error -- the title is text
      await hall.rename(1);
      const guest = Guest.get("ann");
      return {
        renamed: await hall.rename("The hall"),
        state: await hall.getRoomState(),
        count: await hall.broadcast("said"),
        rooms: await guest.getRooms(),
        answer: (await guest.ask("why"))[0],
        isConnected: await guest.isConnected(),
      };
    }).returns.resolves.toEqualTypeOf<{
      renamed: number;
      state: { seats: number; guests: Map<string, Date> };
      count: number;
      rooms: string[];
      answer: string | undefined;
      isConnected: boolean;
    }>();
  });
});
