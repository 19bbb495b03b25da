// A room whose members' objects fail in every way.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it } from "vitest";
import type { UserPort } from "../../../packages/do-runtime/src/ports.ts";
import { Room } from "../../../packages/do-runtime/src/room.ts";
import type { RoomDefinition } from "../../../packages/do-runtime/src/room-definition.ts";

type Answer = "delivers" | "is offline" | "fails";

/** A room over a storage in memory, and what its members' objects were asked. */
async function open(definition: RoomDefinition<unknown, object> = {}) {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const errors: string[] = [];
  const user = (userId: string): UserPort => ({
    deliverFrames: async () => {
      const answer = answers.get(userId);
      if (answer === "fails") throw new Error(`${userId} fails`);
      return answer === "delivers" ? 1 : 0;
    },
    leftRoom: async (name) => {
      asked.push(`${userId} left ${name}`);
      if (answers.get(userId) === "fails") throw new Error(`${userId} can't be told`);
    },
    wasPutOut: async (name) => void asked.push(`${userId} was put out of ${name}`),
  });
  const storage = memoryStorage();
  const room = await Room.open(
    { onError: (error: Error) => void errors.push(error.message), ...definition },
    { name: "attic", env: {}, storage: storage as never, user },
  );
  return { room, storage, answers, asked, errors };
}

describe("a room", () => {
  it("[B5] puts out who can't be reached, and asks back who may be connected all the while", async () => {
    const { room, answers, asked, errors } = await open({ maxDeliveryFailures: 2 });
    for (const [userId, answer] of [
      ["ada", "delivers"],
      ["bob", "is offline"],
      ["cat", "fails"],
    ] as const) {
      await room.join(userId);
      answers.set(userId, answer);
    }
    const delivered = [await room.broadcast("x"), await room.getMemberCount(), await room.broadcast("x")];

    expect(delivered).toEqual([1, 3, 1]);
    expect((await room.getMembers()).map(({ userId }) => userId)).toEqual(["ada"]);
    expect(asked).toEqual(["cat was put out of attic"]);
    expect(errors).toEqual(["cat fails", "cat fails"]);
  });

  it("[B10] has onError hear of an onLeave that throws, and lets go all the same", async () => {
    const { room, errors } = await open({
      onLeave: async (_room, member) => {
        throw new Error(`${member.userId} must not go`);
      },
    });
    await room.join("ada");

    expect(await room.leave("ada")).toBe(true);
    expect(await room.hasMember("ada")).toBe(false);
    expect(errors).toEqual(["ada must not go"]);
  });

  it("[B6] tells the user's object of a leaving that it didn't ask for, and goes on if it can't", async () => {
    const { room, answers, asked, errors, storage } = await open();
    for (const userId of ["ada", "bob", "cat"]) await room.join(userId);
    answers.set("bob", "fails");
    await room.memberLeaves("ada");
    await room.leave("bob");
    await room.destroy();

    expect(asked).toEqual(["bob left attic", "cat left attic"]);
    expect(errors).toEqual(["bob can't be told"]);
    expect([...storage.rows()]).toEqual([]);
  });
});
