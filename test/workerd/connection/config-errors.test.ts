import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import {
  ConnectionError,
  createConnectionHandler,
  createRoomHandler,
  defineConnection,
} from "@dormouse/do-runtime";
import { namespaceOf } from "../../../packages/do-runtime/src/bindings.ts";
import { explainCallError } from "../../../packages/do-runtime/src/call-error.ts";
import { linkToUser } from "../../../packages/do-runtime/src/links.ts";
import { RoomGuest } from "../objects/connection.ts";
import { seen } from "../objects/seen.ts";
import { open } from "./socket.ts";

function thrownBy(run: () => unknown): ConnectionError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const howToBind = (name: string) =>
  `  "durable_objects": { "bindings": [{ "name": "${name}", "class_name": "<exported class>" }] },\n` +
  `  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["<exported class>"] }]`;

const rejectionOf = async (call: Promise<unknown>) => String(await call.catch((error: unknown) => error));

describe("errors for developers", () => {
  it("[C19] a missing binding: what was looked for, what was found, what to write", () => {
    const connection = createConnectionHandler(defineConnection({ name: "Missing" }));

    const error = thrownBy(() => connection.get("ada"));

    expect(error.code).toBe("BINDING_MISSING");
    expect(error.message).toContain(
      '"Missing" lives in the Durable Objects bound as "Missing", but there is no such binding',
    );
    expect(error.message).toContain('"CounterConnection"');
    expect(error.message).toContain(howToBind("Missing"));
  });

  it("[C19] a binding of another kind", () => {
    const error = thrownBy(() =>
      namespaceOf({ Chat: "text", Users: env.CounterConnection }, "Chat", 'the room "x"'),
    );

    expect(error.message).toMatch(
      /that binding is a string; found "Users"\. Name one of these in the definition, or write in wrangler\.jsonc:/,
    );
  });

  it("[C19] no binding at all: what to write, and then why an env may seem empty", () => {
    const error = thrownBy(() => namespaceOf({}, "Users", '"Users"'));

    expect(error.code).toBe("BINDING_MISSING");
    expect(error.message).toBe(
      `[connection] "Users" lives in the Durable Objects bound as "Users", but there is no such binding; found no Durable Object bindings. Write in wrangler.jsonc:\n${howToBind("Users")}\n` +
        'If it stands there, the env can\'t be imported: remove "disallow_importable_env" from compatibility_flags, and set "compatibility_date" to 2025-03-21 or later',
    );
  });

  it("[C19] objects that take no calls yet: the compatibility date", async () => {
    // As before 2024-04-03, when a stub had but fetch().
    const stub = { fetch: () => new Response() };
    const old = { Users: { idFromName() {}, get: () => stub, getByName: () => stub } };
    const error = await rejectionOf(linkToUser(old, "Users", "ada").leftRoom("den"));

    expect(error).toContain('the objects behind the binding "Users" take no calls');
    expect(error).toContain('set "compatibility_date" to 2024-04-03 or later');
    // What the program itself throws there is its own.
    const thrown = Object.assign(new TypeError("x.join is not a function"), { remote: true });
    expect(explainCallError(thrown, "Users", "createRoomHandler")).toBe(thrown);
  });

  it("[C19] a room whose binding is missing, or leads to a class of another kind", async () => {
    const socket = await open(RoomGuest.get("misled"));
    socket.send("say", { room: "lost" });
    socket.send("say", { room: "wrong" });
    await socket.frame();
    await socket.frame();

    const [lost, wrong] = seen.get("misled") ?? [];

    expect(lost).toMatch(
      /^BINDING_MISSING .*the room "lost" lives in the Durable Objects bound as "NoSuchBinding"/,
    );
    expect(wrong).toMatch(
      /^CLASS_MISMATCH .*the class behind the binding "PlainObject" is not one made by createRoomHandler/,
    );
  });

  it("[C19] a class without its migration", () => {
    const platform = new Error('Durable Object class "Chat" has no migration');

    const error = explainCallError(platform, "Chat", "createRoomHandler");

    expect(error).toMatchObject({ code: "MIGRATION_MISSING", cause: platform });
    expect(String(error)).toContain(howToBind("Chat"));
    expect(explainCallError(new Error("Network connection lost"), "Chat", "x")).toEqual(
      new Error("Network connection lost"),
    );
  });

  it("[C19] wrong options", () => {
    const messages = [
      () => defineConnection({ websocketPath: "ws" }),
      () => defineConnection({ maxSockets: 0 }),
      () => defineConnection({ maxMessageBytes: Number.NaN }),
      () => defineConnection({ commit: "later" as "turn" }),
      () => defineConnection({}).on("move", undefined as unknown as () => void),
      () => createConnectionHandler({ state: {} } as ReturnType<typeof defineConnection>),
      () => createConnectionHandler(undefined as unknown as ReturnType<typeof defineConnection>),
      () => createRoomHandler({ maxDeliveryFailures: 0 }),
      () => defineConnection({ maxMessageBytes: 32 * 1024 * 1024 + 1 }),
      () => defineConnection({ websocketPath: 5 as unknown as string }),
    ].map((run) => thrownBy(run).message);

    expect(messages).toEqual([
      '[connection] websocketPath is "ws"; begin it with "/", as in "/ws"',
      "[connection] maxSockets is 0; give a number of at least 1",
      "[connection] maxMessageBytes is NaN; give a number of at least 1",
      '[connection] commit is "later"; give "turn" or "group"',
      '[connection] the handler of "move" is undefined; give a function',
      "[connection] createConnectionHandler() was given an object; give what defineConnection() returns",
      "[connection] createConnectionHandler() was given undefined; give what defineConnection() returns",
      "[connection] maxDeliveryFailures is 0; give a number of at least 1",
      "[connection] maxMessageBytes is 33554433; give a number of at most 33554432",
      '[connection] websocketPath is "5"; begin it with "/", as in "/ws"',
    ]);
  });

  it("[C19] a room's method on a user's object, and the other way round", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const user = env.CounterConnection.getByName("user") as unknown as { getMembers(): Promise<unknown> };
    const room = env.CounterConnection.getByName("room:x") as unknown as { getRooms(): Promise<unknown> };

    expect(await rejectionOf(user.getMembers())).toContain('env.CounterConnection.getByName("room:<name>")');
    expect(await rejectionOf(room.getRooms())).toContain("this is a room's object");
    logged.mockRestore();
  });
});
