import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { open, type TestSocket } from "../connection/socket.ts";
import worker, { Lobby, mirrorPlan } from "./connections-and-rooms.ts";

const ask = async (url: string, { headers }: RequestInit) =>
  worker.fetch(new Request<unknown, IncomingRequestCfProperties>(url, { ...(headers && { headers }) }));

it("a room with a class of its own welcomes, counts and refuses", async () => {
  const [ada, bob, cy] = await Promise.all(
    ["ada", "bob", "cy"].map((name) => open(env.PLAYER.getByName(`lobby-${name}`))),
  );
  if (!ada || !bob || !cy) throw new Error("no socket");

  ada.send("play", { lobby: 1 });
  expect(await ada.event("joined")).toEqual({ who: "lobby-ada", number: 1 });
  bob.send("play", { lobby: 1 });
  expect(await ada.event("joined")).toEqual({ who: "lobby-bob", number: 2 });
  expect(await bob.event("joined")).toEqual({ who: "lobby-bob", number: 2 });
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  cy.send("play", { lobby: 1 });
  expect(await cy.frame()).toMatchObject({ type: "error", code: "HANDLER_FAILED", event: "play" });
  expect(String(logged.mock.calls[0]?.[0])).toContain("The lobby is full.");
  cy.send("play", { lobby: 2 });
  expect(await cy.event("joined")).toEqual({ who: "lobby-cy", number: 1 });
  bob.close();
  expect(await ada.event("left")).toEqual({ who: "lobby-bob" });
});

it("a room is asked from outside", async () => {
  const ada = await open(env.PLAYER.getByName("asked-ada"));
  ada.send("play", { lobby: 3 });
  await ada.event("joined");

  // #region room-stub
  const lobby = Lobby.get("lobby:3");
  const [member] = await lobby.getMembers(); // { userId, metadata, joinedAt }
  await lobby.setRoomState({ seats: 4 });
  await lobby.broadcast("closing", { inMinutes: 5 });
  // #endregion

  expect(member?.userId).toBe("asked-ada");
  expect(await ada.event("closing")).toEqual({ inMinutes: 5 });
  expect(await lobby.getRoomState()).toEqual({ seats: 4, welcomed: 1 });
});

it("an alarm and a method of one's own change the state", async () => {
  const stub = env.TIMER.getByName("ada");
  const socket = await open(stub);

  expect(await stub.addRounds(3)).toBe(3);
  socket.send("start", { inMs: 60_000 });
  await vi.waitFor(async () => expect(await runDurableObjectAlarm(stub)).toBe(true));
  expect(await socket.event("over")).toEqual({ round: 4 });
  await evictDurableObject(stub);
  expect(await stub.addRounds(1)).toBe(5);
});

it("one object for all who talk has the history", async () => {
  const stub = env.CHANNEL.getByName("lounge");
  const connect = (name: string) => open(stub, `?channel=lounge&name=${name}`);
  const ada = await connect("ada");
  expect(await ada.event("history")).toEqual({ messages: [] });
  const bob = await connect("bob");
  await bob.event("history");

  ada.send("say", { text: "hello" });
  expect(await bob.event("said")).toEqual({ from: "ada", text: "hello" });
  expect(await ada.event("said")).toEqual({ from: "ada", text: "hello" });
  await evictDurableObject(stub);
  const cy = await connect("cy");

  expect(await cy.event("history")).toEqual({ messages: [{ from: "ada", text: "hello" }] });
});

/** What a client of ours is to those who listen and emit, on a test's socket. */
function clientOn(socket: TestSocket): Parameters<typeof mirrorPlan>[0] {
  return {
    on: (event, listener) => {
      const hear = ({ data }: MessageEvent) => {
        const frame = JSON.parse(String(data)) as { type: string; data?: { type?: string } };
        if (frame.type === "event" && frame.data?.type === event) listener(frame.data as never);
      };
      socket.ws.addEventListener("message", hear);
      return () => socket.ws.removeEventListener("message", hear);
    },
    emit: (event, data) => {
      socket.send(event, data);
      return "sent";
    },
  };
}

it("a copy at the client is kept in step by what changes, over hibernation and changes that can't be stored", async () => {
  const stub = env.PLAN.getByName("garden");
  const ada = await open(stub, "?userId=garden");
  const bob = await open(stub, "?userId=garden");
  const mirrors = [ada, bob].map((socket) => mirrorPlan(clientOn(socket)));
  const untilBoth = (texts: unknown[]) =>
    vi.waitFor(() => expect(mirrors.map(({ tasks }) => tasks)).toEqual([texts, texts]), 5_000);
  const dig = { text: "dig", done: false };
  const sow = { text: "sow", done: false };

  ada.send("add", { texts: ["dig", "sow"] });
  await untilBoth([dig, sow]);
  bob.send("check", { index: 0, done: true });
  await untilBoth([{ ...dig, done: true }, sow]);
  expect(ada.received.filter(({ type }) => type === "event")).toHaveLength(3); // "all", and two changes

  await evictDurableObject(stub);
  bob.send("check", { index: 0, done: false });
  await untilBoth([dig, sow]);

  await runInDurableObject(stub, (_, { storage }) => {
    vi.spyOn(storage.kv, "put").mockImplementationOnce(() => {
      throw new Error("the disk is full");
    });
  });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  ada.send("check", { index: 1, done: true });
  await vi.waitFor(() => expect(ada.received.at(-1)).toMatchObject({ type: "error", code: "NOT_SAVED" }));
  expect(mirrors.map(({ tasks }) => tasks[1])).toEqual([sow, sow]);
  bob.send("add", { texts: ["water"] });
  await untilBoth([dig, { ...sow, done: true }, { text: "water", done: false }]);
});

it("state and direct storage are kept together", async () => {
  const stub = env.NOTEBOOK.getByName("notebook");
  const first = await open(stub);
  first.send("note", { text: "one" });
  first.send("note", { text: "two" });
  first.send("latest");
  await first.event("notes");
  await evictDurableObject(stub);

  first.send("latest");

  expect(await first.event("notes")).toMatchObject({ of: 2, notes: [{ text: "two" }, { text: "one" }] });
});

it("a token decides who connects", async () => {
  const refused = await ask("https://test/ws?token=stolen", { headers: { Upgrade: "websocket" } });
  const socket = await open({ fetch: ask }, "?token=token-of-ada");

  expect([refused.status, await refused.text()]).toEqual([401, "Sign in first."]);
  expect(await socket.event("welcome")).toEqual({ name: "Ada" });
});
