// A room's broadcasts arrive in the order of sending, whatever each of them waits for.
import * as fc from "fast-check";
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { Room } from "../../../packages/do-runtime/src/room.ts";
import type { RoomContext } from "../../../packages/do-runtime/src/room-definition.ts";
import { RUNS } from "../../support/runs.ts";

const programs = fc.record({
  commit: fc.constantFrom("turn" as const, "group" as const),
  steps: fc.array(
    fc.record({
      /** What comes before a broadcast. */
      before: fc.constantFrom("nothing", "a change", "a flush", "a put of the program's"),
      /** Microtasks until the next broadcast; undefined: a round of the event loop. */
      pause: fc.option(fc.nat(12), { nil: undefined }),
    }),
    { minLength: 2, maxLength: 12 },
  ),
});

type Broadcast = (room: RoomContext<unknown, { n: number }>, number: number) => Promise<number>;

const property = (broadcast: Broadcast) =>
  fc.asyncProperty(programs, async ({ commit, steps }) => {
    const storage = memoryStorage();
    const arrived: number[] = [];
    const deliverFrames = async (frames: readonly string[]) => {
      for (const frame of frames) arrived.push((JSON.parse(frame) as { payload: number }).payload);
      return 1;
    };
    const { promise: woken, resolve: wake } = Promise.withResolvers<RoomContext<unknown, { n: number }>>();
    const room = await Room.open(
      { commit, state: { n: 0 }, onInit: wake },
      {
        name: "attic",
        env: {},
        storage: storage as never,
        user: () => ({ deliverFrames, leftRoom: async () => {}, wasPutOut: async () => {} }),
      },
    );
    await room.join("ada");
    const context = await woken;

    const sent: Promise<number>[] = [];
    for (const [number, { before, pause }] of steps.entries()) {
      if (before === "a change") context.state.n++;
      if (before === "a flush") await context.flush();
      if (before === "a put of the program's") await storage.put("number", number);
      sent.push(broadcast(context, number));
      if (pause === undefined) await new Promise((resolve) => setTimeout(resolve, 0));
      for (let left = pause ?? 0; left > 0; left--) await Promise.resolve();
    }
    await Promise.all(sent);

    expect(arrived).toEqual(steps.map((_, number) => number));
  });

it("[B9] broadcasts arrive in the order of sending, whatever each of them waits for", async () => {
  await fc.assert(
    property((room, number) => room.broadcast("n", number)),
    { numRuns: RUNS },
  );
});

it("finds broadcasts that overtake each other", async () => {
  const found = await fc.check(
    property(async (room, number) => {
      if (number % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      return room.broadcast("n", number);
    }),
    { numRuns: RUNS },
  );
  expect(found.failed).toBe(true);
});
