import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { type ConnectionSurroundings, UserConnection } from "../../../packages/do-runtime/src/connection.ts";
import { type ConnectionMeta, defineConnection } from "../../../packages/do-runtime/src/definition.ts";
import { inOrder, linkToRoom } from "../../../packages/do-runtime/src/links.ts";

/** Links that are numbered, and calls that end when told to. */
function harness() {
  let links = 0;
  const call = inOrder((name) => `${name} ${++links}`);
  const begun: string[] = [];
  const begin = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const done = call(name, (port) => {
      begun.push(port);
      return promise;
    });
    done.catch(() => {});
    return { done, resolve, reject };
  };
  return { begin, begun };
}

it("[B9] calls to one room that are under way together share a stub, and no two rooms do", async () => {
  const { begin, begun } = harness();
  const [first, second] = [begin("den"), begin("den")];
  begin("attic");
  first.resolve("a");
  expect(await first.done).toBe("a");
  begin("den");
  second.resolve("b");
  expect(await second.done).toBe("b");

  expect(begun).toEqual(["den 1", "den 1", "attic 2", "den 1"]);
});

it("[B9] a stub is let go of when the last of its calls is answered", async () => {
  const { begin, begun } = harness();
  const first = begin("den");
  first.resolve("a");
  await first.done;
  begin("den");

  expect(begun).toEqual(["den 1", "den 2"]);
});

it("[B9] a stub that failed is used no more, also not by calls that come before its others fail", async () => {
  const { begin, begun } = harness();
  const [first, second] = [begin("den"), begin("den")];
  first.reject(new Error("Network connection lost."));
  await expect(first.done).rejects.toThrow("Network connection lost.");
  const third = begin("den");
  second.reject(new Error("Network connection lost."));
  await expect(second.done).rejects.toThrow("Network connection lost.");
  begin("den");
  third.resolve("c");
  expect(await third.done).toBe("c");

  expect(begun).toEqual(["den 1", "den 1", "den 2", "den 2"]);
});

it("[B9] what one handler sends to a room, or to a user, goes over one stub", async () => {
  const attachment = { meta: { userId: "ada", clientId: "", channels: [] }, connectedAt: 0, ended: false };
  const ws = { readyState: 1, deserializeAttachment: () => attachment } as unknown as WebSocket;
  const definition = defineConnection<ConnectionMeta, never>({});
  definition.on("shout", async ({ emit }) => {
    const sent = ["a", "b"].flatMap((event) => [
      emit.toRoom("den").emit(event),
      emit.toUser("bob").emit(event),
    ]);
    await Promise.all(sent);
  });
  const linked: string[] = [];
  const delivered: string[] = [];
  const deliver = async (frame: string) => delivered.push(frame);
  const around = {
    userId: "ada",
    state: { storage: memoryStorage(), getWebSockets: () => [ws] },
    room(name: string) {
      linked.push(name);
      return { broadcastFrame: deliver };
    },
    user(name: string) {
      linked.push(name);
      return { deliverFrames: ([frame = ""]: string[]) => deliver(frame) };
    },
  };
  const connection = await UserConnection.open(
    definition,
    around as unknown as ConnectionSurroundings<never>,
  );
  await connection.receive(ws, '{"type":"shout"}');

  expect(linked).toEqual(["den", "bob"]);
  expect(delivered).toHaveLength(4);
});

it("[C16] a room that `rooms` puts into the connections' own binding is no user's object there", () => {
  const named: string[] = [];
  const namespace = (binding: string) => ({
    idFromName() {},
    get() {},
    getByName: (name: string) => named.push(`${binding} ${name}`),
  });
  const env = { Users: namespace("Users"), Chat: namespace("Chat") };
  const rooms = new Map([
    ["lobby", "Users"],
    ["chat", "Chat"],
    ["chat:staff", "Users"],
  ]);

  for (const room of ["lobby", "lobby:2", "chat", "chat:2", "chat:staff", "attic"])
    linkToRoom(env, { connectionBinding: "Users", rooms }, room);

  expect(named).toEqual([
    "Users room:lobby",
    "Users room:lobby:2",
    "Chat chat",
    "Chat chat:2",
    "Users room:chat:staff",
    "Users room:attic",
  ]);
});
