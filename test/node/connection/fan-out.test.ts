import { describe, expect, it } from "vitest";
import { FanOut, MAX_CALL_LENGTH, MAX_WAITING_FRAMES } from "../../../packages/do-runtime/src/fan-out.ts";

/** Calls that are answered when the test says so. */
function calls() {
  const under: {
    readonly userId: string;
    readonly frames: readonly string[];
    readonly answer: (sockets: number) => void;
    readonly fail: () => void;
  }[] = [];
  const outcomes: string[] = [];
  const deliver = (userId: string, frames: readonly string[]) =>
    new Promise<number>((answer, reject) => {
      under.push({ userId, frames, answer, fail: () => reject(new Error("lost")) });
    });
  const onCall = async (userId: string, outcome: string) => {
    outcomes.push(`${userId} ${outcome}`);
  };
  return { under, outcomes, deliver, onCall };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("fan-out", () => {
  it("[B9] has one call a user under way, and sends what waited together, in order", async () => {
    const { under, deliver, onCall } = calls();
    const fanOut = new FanOut(deliver, onCall);

    const sent = ["1", "2", "3"].map((frame) => fanOut.send("ada", frame));
    const during = under.length;
    under[0]?.answer(1);
    await settled();
    under[1]?.answer(1);

    expect(during).toBe(1);
    expect(await Promise.all(sent)).toEqual(["delivered", "delivered", "delivered"]);
    expect(under.map(({ frames }) => frames)).toEqual([["1"], ["2", "3"]]);
  });

  it("[B9] sends in one call no more than a call takes, and the rest with the next, in order", async () => {
    const { under, deliver, onCall } = calls();
    const fanOut = new FanOut(deliver, onCall);
    const long = "x".repeat(MAX_CALL_LENGTH / 2);

    const frames = ["first", long, long, long, "last", `${long}${long}x`];
    const sent = frames.map((frame) => fanOut.send("ada", frame));
    for (let call = 0; call < 4; call++) {
      under[call]?.answer(1);
      await settled();
    }

    expect(await Promise.all(sent)).toEqual(frames.map(() => "delivered"));
    expect(under.map(({ frames }) => frames.map(({ length }) => length))).toEqual([
      [5],
      [MAX_CALL_LENGTH / 2, MAX_CALL_LENGTH / 2],
      [MAX_CALL_LENGTH / 2, 4],
      [MAX_CALL_LENGTH + 1],
    ]);
  });

  it("[B12] has no more than the given number of calls under way", async () => {
    const { under, deliver, onCall } = calls();
    const fanOut = new FanOut(deliver, onCall, 2);

    const sent = ["a", "b", "c"].map((user) => fanOut.send(user, "x"));
    const before = under.map(({ userId }) => userId);
    under[1]?.answer(1);
    await settled();
    const after = under.map(({ userId }) => userId);
    for (const call of under) call.answer(1);

    expect(before).toEqual(["a", "b"]);
    expect(after).toEqual(["a", "b", "c"]);
    expect(await Promise.all(sent)).toEqual(["delivered", "delivered", "delivered"]);
  });

  it("[B12] a call is over when it is answered, also while those who hear of it broadcast themselves", async () => {
    const { under, deliver } = calls();
    const outcomes: string[] = [];
    const fanOut: FanOut = new FanOut(
      deliver,
      async (userId, outcome) => {
        outcomes.push(`${userId} ${outcome}`);
        if (outcome === "failed") await fanOut.send("cat", `${userId} is gone`);
      },
      2,
    );

    const sent = ["ada", "bob"].map((user) => fanOut.send(user, "x"));
    for (const call of under) call.fail();
    await settled();
    under[2]?.answer(1);
    await settled();
    under[3]?.answer(1);

    expect(await Promise.all(sent)).toEqual(["failed", "failed"]);
    expect(under.slice(2).map(({ frames }) => frames)).toEqual([["ada is gone"], ["bob is gone"]]);
    expect(outcomes).toEqual(["ada failed", "bob failed", "cat delivered", "cat delivered"]);
  });

  it("[B5] counts a failed call once, however many frames it carried", async () => {
    const { under, outcomes, deliver, onCall } = calls();
    const fanOut = new FanOut(deliver, onCall);

    const sent = ["1", "2", "3", "4"].map((frame) => fanOut.send("ada", frame));
    under[0]?.answer(0);
    await settled();
    under[1]?.fail();

    expect(await Promise.all(sent)).toEqual(["offline", "failed", "failed", "failed"]);
    expect(outcomes).toEqual(["ada offline", "ada failed"]);
  });

  it("[B12] keeps no more than so many frames for a user who doesn't answer", async () => {
    const { under, deliver, onCall } = calls();
    const fanOut = new FanOut(deliver, onCall);

    const sent = Array.from({ length: MAX_WAITING_FRAMES + 2 }, (_, n) => fanOut.send("ada", String(n)));
    const last = await sent.at(-1);
    under[0]?.answer(1);
    await settled();
    under[1]?.answer(1);

    expect(last).toBe("failed");
    expect((await Promise.all(sent)).filter((outcome) => outcome === "delivered")).toHaveLength(
      MAX_WAITING_FRAMES + 1,
    );
  });
});
