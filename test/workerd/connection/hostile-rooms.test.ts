// What can go wrong between a room and who joins it, on purpose or not.
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { BrokenRoom, HostileConnection, PickyRoom } from "../objects/hostile.ts";
import { see, seen } from "../objects/seen.ts";
import { connect, outcomeOf, settledWithin } from "./hostile-client.ts";

/** A user whose object crashed as a member of these rooms. */
async function remember(user: string, ...rooms: string[]): Promise<void> {
  const stub = env.HostileConnection.getByName(user);
  await runInDurableObject(stub, (_object, { storage }) =>
    storage.put("_dormouse:rooms", new Map(rooms.map((room) => [room, {}]))),
  );
  await evictDurableObject(stub);
}

describe("rooms", () => {
  it("[B5] one whose binding is gone keeps nobody from connecting", async () => {
    await remember("moved", "lost", "picky:kept");

    const socket = await settledWithin(connect("moved"));

    expect(socket).not.toBe("still waiting");
    expect(await PickyRoom.get("picky:kept").getMemberCount()).toBe(1);
    expect(seen.get("moved")).toEqual([expect.stringContaining("NoSuchBinding")]);
  });

  it("[B10] whom one refuses who comes back after a crash isn't said to be in it", async () => {
    await remember("guest-back", "picky:back");

    await connect("guest-back");

    expect(seen.get("guest-back")).toEqual(["This room does not support guests."]);
    expect(await HostileConnection.get("guest-back").getRooms()).toEqual([]);
  });

  it("[B5] one that can't wake has refused nobody who comes back", async () => {
    await remember("patient", "picky:breaks");
    see("sick", "picky:breaks");

    await connect("patient");

    expect(seen.get("patient")).toEqual(["I am sick."]);
    seen.delete("sick");
    expect(await HostileConnection.get("patient").getRooms()).toEqual(["picky:breaks"]);
  });

  it("[B10] what onJoin throws is told as it is, whatever words are in it", async () => {
    const socket = await connect("guest");

    socket.send("joinWith", { room: "picky:words", what: "plain" });
    await socket.frame();

    expect(seen.get("guest")).toEqual(["This room does not support guests."]);
  });

  it("[B10] who is refused isn't let in by asking twice at once", async () => {
    const room = PickyRoom.get("picky:twice");

    const answers = await Promise.all([room.join("guest-twice"), room.join("guest-twice")].map(outcomeOf));

    expect(answers[0]).toContain("does not support guests");
    expect(await room.hasMember("guest-twice")).toBe(false);
  });

  it("[B10] onLeave is over when the leaving is", async () => {
    const room = PickyRoom.get("picky:slow-leave");
    await room.join("slow");
    await room.leave("slow");

    expect(seen.get("picky:slow-leave")).toEqual(["slow left"]);
  });

  it("[B12] a broadcast ends though members are unreachable and the room's onError fails", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const room = BrokenRoom.get("broken");
    for (const user of ["a", "b"]) await room.join(user);

    const delivered = [];
    for (let i = 0; i < 3; i++) delivered.push(await settledWithin(room.broadcast("x")));
    await room.join("c");
    const ends = [await settledWithin(room.leave("c")), await settledWithin(room.destroy())];
    const heard = logged.mock.calls.map(([error]) => String(error));
    logged.mockRestore();

    expect(heard).toContain("Error: onError fails as well");
    expect(delivered).toEqual([0, 0, 0]);
    expect(ends).toEqual([true, undefined]);
  });

  it("[B2] a member's metadata may come from the state", async () => {
    const socket = await connect("from-state");

    socket.send("joinWith", { room: "picky:from-state", what: "state" });

    expect(await socket.event("joined")).toEqual({ isMember: true });
    expect(await PickyRoom.get("picky:from-state").getMembers()).toMatchObject([
      { userId: "from-state", metadata: { profile: { name: "x" } } },
    ]);
  });

  it("[B2] metadata that can't be stored are refused, and nobody is a member by them", async () => {
    const socket = await connect("functions");

    socket.send("joinWith", { room: "picky:functions", what: "function" });
    const answer = await socket.frame();
    socket.send("joinWith", { room: "picky:after", what: "plain" });

    expect(answer).toMatchObject({ type: "error", code: "HANDLER_FAILED" });
    expect(await socket.event("joined")).toEqual({ isMember: true });
    expect(await PickyRoom.get("picky:functions").getMemberCount()).toBe(0);
    const stored = await runInDurableObject(
      env.HostileConnection.getByName("functions"),
      (_object, { storage }) => storage.get<Map<string, object>>("_dormouse:rooms"),
    );
    expect([...(stored?.keys() ?? [])]).toEqual(["picky:after"]);
  });
});
