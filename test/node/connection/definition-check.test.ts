// Definitions that no compiler has seen.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { createConnectionHandler } from "../../../packages/do-runtime/src/connection-object.ts";
import { CONNECTION_OPTIONS } from "../../../packages/do-runtime/src/definition-check.ts";
import { isDoubtful } from "../../../packages/do-runtime/src/definition-doubt.ts";
import { defineConnection } from "../../../packages/do-runtime/src/definition.ts";
import { createRoomHandler } from "../../../packages/do-runtime/src/room-object.ts";

vi.mock("../../../packages/do-runtime/src/cloudflare-elsewhere.ts", () => ({
  env: {},
  DurableObject: class {
    readonly ctx: unknown;
    readonly env: unknown;

    constructor(ctx: unknown, env: unknown) {
      this.ctx = ctx;
      this.env = env;
    }
  },
}));

/** Wakes an object; answers what it fails with. */
async function wake(make: (state: never) => unknown): Promise<unknown> {
  let waking: Promise<unknown> = Promise.resolve();
  const state = {
    id: { name: "ada" },
    storage: memoryStorage(),
    getWebSockets: () => [],
    blockConcurrencyWhile: (open: () => Promise<unknown>) => void (waking = open()),
  };
  make(state as never);
  return waking.then(
    () => "awake",
    (error: unknown) => String(error),
  );
}

const define = defineConnection as unknown as (definition?: unknown) => ReturnType<typeof defineConnection>;
const wakeUser = (definition?: unknown) =>
  wake((state) => new (createConnectionHandler(define(definition)))(state, {} as never));
const wakeRoom = (definition?: unknown) =>
  wake((state) => new (createRoomHandler(definition as never))(state, {} as never));

it.each([
  [{ onConnect: true }, "onConnect is true; give a function"],
  [{ migrate: {} }, "migrate is an object; give a function"],
  [
    { websocketPath: "/ws", connectionBinding: function Users() {} },
    "connectionBinding is a function (Users); give a string",
  ],
  [
    { rooms: ["ChatRoom"] },
    'rooms is an array; give the bindings by the rooms\' names, as { chat: "ChatRoom" }',
  ],
  [
    { rooms: { chat: function ChatRoom() {} } },
    'rooms.chat is a function (ChatRoom); give the bindings by the rooms\' names, as { chat: "ChatRoom" }',
  ],
  [{ persistOptions: true }, "persistOptions is true; give an object, as { shallow: false }"],
  [{ persistOptions: { shallow: "no" } }, 'persistOptions.shallow is "no"; give true or false'],
  [{ events: "chat" }, 'events is "chat"; give what defineContract() returns'],
  [{ events: { client: {}, server: null } }, "events.server is null; give the schemas by the events' names"],
  [
    { events: { client: { say: { type: "object" } }, server: {} } },
    "events.client.say is an object; give a Standard Schema, as of Zod 3.24, Valibot 1 or ArkType 2, or payload()",
  ],
  [
    { events: { client: {}, server: { said: (data: unknown) => data } } },
    "events.server.said is a function (said); give a Standard Schema, as of Zod 3.24, Valibot 1 or ArkType 2, or payload()",
  ],
])("[C19] refuses %j", async (definition, message) => {
  expect(await wakeUser(definition)).toBe(`ConnectionError: [connection] ${message}`);
  // At each wake, not at the first only.
  expect(await wakeUser(definition)).toBe(`ConnectionError: [connection] ${message}`);
});

it("[C19] refuses what a room's option can't be", async () => {
  expect(await wakeRoom({ state: () => ({ topic: "" }) })).toBe(
    "ConnectionError: [connection] state is a function (state); give an object with the keys of the state",
  );
  expect(await wakeRoom({ onJoin: "welcome" })).toBe(
    'ConnectionError: [connection] onJoin is "welcome"; give a function',
  );
});

it("[C19] warns once of an option that there is not, and names the one that may be meant", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  onTestFinished(() => warned.mockRestore());
  const connection = define({
    persistKeys: ["a"],
    onconnect() {},
    persistOptions: { shalow: false },
    answer: 42,
  });
  const Users = createConnectionHandler(connection);

  const woken = [];
  for (let times = 0; times < 2; times++) woken.push(await wake((state) => new Users(state, {} as never)));
  woken.push(await wakeRoom({ onJion() {} }));

  expect(woken).toEqual(["awake", "awake", "awake"]);
  expect(warned.mock.calls.flat()).toEqual([
    '[connection] the definition has "persistKeys", which is no option; did you mean "persistedKeys"?',
    '[connection] the definition has "onconnect", which is no option; did you mean "onConnect"?',
    '[connection] the definition has "answer", which is no option; remove it',
    '[connection] the definition has "persistOptions.shalow", which is no option; did you mean "shallow"?',
    "[connection] the definition has persistOptions, but no persistedKeys: nothing is stored; list the keys of the state that are to be, or none: []",
    '[connection] the definition has "onJion", which is no option; did you mean "onJoin"?',
  ]);
});

it("[C19] warns of a connection that says how to store and not what, where a room stores every key", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  onTestFinished(() => warned.mockRestore());
  const how = { state: { count: 0 }, layout: "log", version: 2 };

  await wakeUser(how);
  await wakeUser({ ...how, persistedKeys: [] });
  await wakeUser({ ...how, persistedKeys: ["count"] });
  await wakeRoom(how);

  expect(warned.mock.calls).toEqual([
    [
      "[connection] the definition has layout, version, but no persistedKeys: nothing is stored; list the keys of the state that are to be, or none: []",
    ],
  ]);
});

it("[C19] warns of a handler that is never called, as the platform answers pings", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  onTestFinished(() => warned.mockRestore());
  const Users = createConnectionHandler(defineConnection({}).on("ping", () => {}));

  for (let times = 0; times < 2; times++) await wake((state) => new Users(state, {} as never));

  expect(warned.mock.calls.flat()).toEqual([
    '[connection] the handler of "ping" is never called: such a frame is answered with {"type":"pong"}, as a rule without waking the object; give the event another name',
  ]);
});

it("[C19] refuses to be a room of a class whose own method hides one that rooms are called by", async () => {
  class Player extends createConnectionHandler(defineConnection({})) {
    leave(game: string) {
      return this.leaveRoom(`game-${game}`);
    }
  }

  const woken = [];
  for (const name of ["ada", "room:attic"])
    woken.push(await wake((state) => new Player(Object.assign(state, { id: { name } }), {} as never)));

  expect(woken).toEqual([
    "awake",
    'ConnectionError: [connection] the class has a method "leave" of its own, which hides the one that the room in this object is called by; give it another name, or the room a class of its own',
  ]);
});

it("[C19] knows every option there is, and takes none for a definition without any", async () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  onTestFinished(() => warned.mockRestore());

  const woken = [await wakeUser(), await wakeUser({}), await wakeRoom(), await wakeRoom({})];

  expect(woken).toEqual(["awake", "awake", "awake", "awake"]);
  expect(warned).not.toHaveBeenCalled();
});

it("loads what checks a definition only where something may be wrong with it", () => {
  const values = { function: () => {}, string: "", boolean: true, object: {}, any: undefined };
  const definition = Object.fromEntries(
    Object.entries(CONNECTION_OPTIONS).map(([option, kind]) => [option, values[kind]]),
  );
  const usual = { ...definition, persistedKeys: ["a"], persistOptions: { shallow: false }, layout: "log" };

  expect(isDoubtful(usual)).toBe(false);
  expect(isDoubtful({})).toBe(false);
  expect(isDoubtful(define({ state: { a: 1 }, persistedKeys: ["a"], layout: "log", onConnect() {} }))).toBe(
    false,
  );
  expect(isDoubtful(define({}))).toBe(false);
  const wrongs = [
    { onJoin() {} },
    { rooms: ["a"] },
    { rooms: { chat() {} } },
    { events: { client: { say: {} }, server: {} } },
    { onConnect: null },
    { state: () => ({}) },
  ];
  for (const wrong of wrongs) expect(isDoubtful({ ...usual, ...wrong })).toBe(true);
});
