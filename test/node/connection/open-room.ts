import { memoryStorage } from "@dormouse/do-runtime/testing";
import type { UserPort } from "../../../packages/do-runtime/src/ports.ts";
import { Room } from "../../../packages/do-runtime/src/room.ts";
import type { RoomDefinition } from "../../../packages/do-runtime/src/room-definition.ts";

/** What a member's object does with what it is sent; or what its call comes to, once it does. */
type Answer = "delivers" | "is offline" | "fails" | Promise<number>;

/** A room over a storage in memory, and what its members' objects were asked. */
export async function open(definition: RoomDefinition<unknown, object> = {}, storage = memoryStorage()) {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const errors: string[] = [];
  const user = (userId: string): UserPort => ({
    deliverFrames: async () => {
      const answer = answers.get(userId);
      if (answer === "fails") throw new Error(`${userId} fails`);
      if (answer instanceof Promise) return answer;
      return answer === "delivers" ? 1 : 0;
    },
    leftRoom: async (name) => {
      asked.push(`${userId} left ${name}`);
      if (answers.get(userId) === "fails") throw new Error(`${userId} can't be told`);
    },
    wasPutOut: async (name) => void asked.push(`${userId} was put out of ${name}`),
  });
  const room = await Room.open(
    { onError: (error: Error) => void errors.push(error.message), ...definition },
    { name: "attic", env: {}, storage: storage as never, user },
  );
  return { room, storage, answers, asked, errors };
}
