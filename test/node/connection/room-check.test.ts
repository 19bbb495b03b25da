// A room that is called with what its types don't allow.
import { describe, expect, it } from "vitest";
import { open } from "./open-room.ts";

describe("a room refuses", () => {
  it.each<[given: unknown, message: string]>([
    [{ userIds: "ada" }, 'broadcast() was given userIds: "ada"; give an array, as ["ada"]'],
    [{ userIds: null }, "broadcast() was given userIds: null; give an array"],
    [{ userId: "ada" }, 'broadcast() has no option "userId"; give userIds or exceptUserId'],
    [{ exceptUserId: ["ada"] }, "broadcast() was given exceptUserId: an array; give one user's id"],
    ["ada", 'broadcast() was given "ada" as options; give an object, as { userIds: ["ada"] }'],
    [["ada"], "broadcast() was given an array as options; give an object"],
    [null, "broadcast() was given null as options; give an object"],
  ])("[B15] a broadcast to %j, which nobody gets", async (options, message) => {
    const { room, answers } = await open();
    for (const userId of ["ada", "a", "d"]) {
      await room.join(userId);
      answers.set(userId, "delivers");
    }

    const broadcast = room.broadcast("secret", {}, options as object);

    await expect(broadcast).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(message),
    });
    const unset: object = { userIds: undefined, exceptUserId: undefined };
    expect(await room.broadcast("x", {}, unset)).toBe(3);
  });

  it.each([null, 5, "host", true])(
    "[B15] metadata that are %j, and lets nobody in by them",
    async (metadata) => {
      const { room } = await open();
      const expected = `the metadata of "ada" are ${JSON.stringify(metadata)}; give an object`;

      await expect(room.join("ada", metadata as never)).rejects.toThrow(expected);
      expect(await room.hasMember("ada")).toBe(false);

      await room.join("ada", { role: "host" });
      await expect(room.updateMemberMetadata("ada", metadata as never)).rejects.toThrow(expected);
      expect(await room.getMembers()).toMatchObject([{ metadata: { role: "host" } }]);
    },
  );

  it("[B5] but a member who comes back with the metadata of an older version of this library is one", async () => {
    const { room } = await open();

    expect(await room.join("ada", null as never, true)).toBe(true);
  });

  it.each<[changes: unknown]>([[5], ["topic"], [null], [undefined], [[]], [new Map([["topic", "mice"]])]])(
    "[B15] to set its state to %o",
    async (changes) => {
      for (const state of [{ topic: "none" }, undefined]) {
        const { room } = await open(state && { state });

        await expect(room.setRoomState(changes as never)).rejects.toThrow(
          /setRoomState\(\) was given .+; give an object with the keys to change/,
        );
        expect(await room.getRoomState()).toEqual(state ?? {});
      }
    },
  );
});
