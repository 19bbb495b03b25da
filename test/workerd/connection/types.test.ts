import { createRoomHandler, defineConnection, defineContract, payload } from "@dormouse/do-runtime";
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
});
