// A room whose members' objects fail in every way.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { MAX_CALLS } from "../../../packages/do-runtime/src/fan-out.ts";
import { open } from "./open-room.ts";

/** What happens in the test happens within one millisecond. */
function stopClock() {
  vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  onTestFinished(() => void vi.restoreAllMocks());
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

  it("[B5] begins to count anew when a member joins again", async () => {
    const { room } = await open({ maxDeliveryFailures: 2 });
    await room.join("ada");
    await room.broadcast("x");

    await room.join("ada");
    await room.broadcast("x");

    expect(await room.hasMember("ada")).toBe(true);
  });

  it.each(["joins again", "leaves and joins"])(
    "[B5] counts nothing of a call from before a member %s",
    async (how) => {
      const { room, answers } = await open({ maxDeliveryFailures: 1 });
      const answer = Promise.withResolvers<number>();
      answers.set("ada", answer.promise);
      await room.join("ada");
      const delivered = room.broadcast("x");
      await new Promise((resolve) => setTimeout(resolve, 1));

      if (how === "leaves and joins") await room.memberLeaves("ada");
      await room.join("ada", {}, true);
      answer.resolve(0);

      expect(await delivered).toBe(0);
      expect(await room.hasMember("ada")).toBe(true);
    },
  );

  it("[B10] [B11] a hook hears of its own change that can't be stored, and who broadcasts meanwhile does not", async () => {
    const { promise: greeted, resolve: greet } = Promise.withResolvers<void>();
    const { room, answers } = await open({
      state: { name: "" },
      onPersistError() {},
      async onJoin({ state, broadcast }, { userId }) {
        if (userId === "ada") return;
        Object.assign(state, { name: "x".repeat(3_000_000) });
        await greeted;
        // Not awaited: the joining hears of it all the same.
        void broadcast("joined", userId);
      },
    });
    answers.set("ada", "delivers");
    await room.join("ada");
    const joining = room.join("bob");
    await Promise.resolve();

    const reached = await room.broadcast("news");
    greet();

    await expect(joining).rejects.toMatchObject({ code: "VALUE_TOO_LARGE" });
    expect(reached).toBe(1);
    expect(await room.hasMember("bob")).toBe(false);
  });

  it("[B11] a hook that flushes, catches the error and puts it right is not told again", async () => {
    const caught: unknown[] = [];
    const { room } = await open({
      state: { name: "" },
      onPersistError() {},
      async onJoin({ state, flush }) {
        Object.assign(state, { name: "x".repeat(3_000_000) });
        await flush().catch((error: unknown) => caught.push(error));
        Object.assign(state, { name: "short" });
      },
    });

    expect(await room.join("ada")).toBe(true);
    expect(caught).toMatchObject([{ code: "VALUE_TOO_LARGE", key: "name" }]);
    expect(await room.getRoomState()).toEqual({ name: "short" });
  });

  it("[B3] setRoomState rejects where what it was given can't be stored", async () => {
    const { room } = await open({ state: { name: "" }, onPersistError() {} });

    const changing = room.setRoomState({ name: "x".repeat(3_000_000) });

    await expect(changing).rejects.toMatchObject({ code: "VALUE_TOO_LARGE", key: "name" });
  });

  it("[B3] tells of its members in the order of their joining, also when it wakes again", async () => {
    const { room, storage } = await open();
    for (const [n, userId] of ["zoe", "ada", "eve"].entries()) {
      vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000 + n);
      await room.join(userId);
    }
    vi.restoreAllMocks();
    await room.updateMemberMetadata("zoe", { isHost: true });

    const { room: again } = await open({}, storage);

    const names = [await room.getMembers(), await again.getMembers()].map((members) =>
      members.map(({ userId }) => userId),
    );
    expect(names).toEqual([
      ["zoe", "ada", "eve"],
      ["zoe", "ada", "eve"],
    ]);
  });

  it("[B3] finds all its members when it wakes, though they take several reads", async () => {
    const storage = memoryStorage();
    const members = Array.from({ length: 2_100 }, (_, n) => `user ${n}`);
    for (const userId of members)
      void storage.put(`_dormouse:member:${userId}`, { userId, metadata: {}, joinedAt: 0 });

    const { room } = await open({}, storage);

    expect((await room.getMembers()).map(({ userId }) => userId).toSorted()).toEqual(members.toSorted());
  });

  it("[B2] tells its hooks who is a member", async () => {
    const known: boolean[] = [];
    const { room } = await open({
      onJoin: ({ hasMember }) => void known.push(hasMember("ada"), hasMember("bob")),
      onLeave: ({ hasMember }) => void known.push(hasMember("ada")),
    });

    await room.join("ada");
    await room.leave("ada");

    expect(known).toEqual([true, false, false]);
  });

  it("[B10] has onError, and nobody else, hear of what onLeave changes and can't be stored", async () => {
    const { room, errors } = await open({
      state: { last: "" },
      onPersistError() {},
      onLeave: ({ state }) => void Object.assign(state, { last: "x".repeat(3_000_000) }),
    });
    await room.join("ada");

    const answers = [await room.leave("ada"), await room.broadcast("x")];

    expect(answers).toEqual([true, 0]);
    expect(errors).toEqual([expect.stringContaining('"last" takes')]);
  });

  it("[B12] goes on though all its members are gone at once, and onLeave tells the others of each", async () => {
    const users = Array.from({ length: 2 * MAX_CALLS }, (_, n) => `user${n}`);
    const { room } = await open({
      maxDeliveryFailures: 1,
      onLeave: async ({ broadcast }, { userId }) => void (await broadcast("left", userId)),
    });
    for (const userId of users) await room.join(userId);

    expect(await room.broadcast("news")).toBe(0);
    expect(await room.getMemberCount()).toBe(0);
  });

  it.each([
    ["keys of its own", { topic: "none", size: 0 }],
    ["any keys", undefined],
  ])("[B3] takes all that setRoomState gives it, or nothing: %s", async (_which, state) => {
    const { room } = await open(state && { state });
    await room.setRoomState({ topic: "mice", size: 1 });

    const refused = room.setRoomState({ topic: "cats", size: () => 2 });

    await expect(refused).rejects.toThrow('size" is a function');
    expect(await room.getRoomState()).toEqual({ topic: "mice", size: 1 });
  });

  it("[B11] tells nobody of a state that a group commit has not stored yet", async () => {
    const stored: unknown[] = [];
    const { promise: changed, resolve: tellChanged } = Promise.withResolvers<void>();
    const { room, storage, answers } = await open({
      commit: "group",
      state: { n: 0 },
      onJoin(room) {
        Object.assign(room.state, { n: 1 });
        void room.broadcast("x").then(() => stored.push(storage.rows().get("_verani_persist:n")));
      },
      onLeave({ state }) {
        Object.assign(state, { n: 2 });
        tellChanged();
      },
    });
    answers.set("ada", "delivers");
    await room.join("ada");
    const leaving = room.memberLeaves("ada");
    await changed;

    expect(await room.getRoomState()).toEqual({ n: 2 });
    stored.push(storage.rows().get("_verani_persist:n"));
    await leaving;
    await room.setRoomState({ n: 3 });
    stored.push(storage.rows().get("_verani_persist:n"));
    expect(stored).toEqual([1, 2, 3]);
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

  it("[B8] puts out who joins while others are being told that it is destroyed", async () => {
    const { room, storage } = await open({
      onLeave: async (_room, { userId }) =>
        void (Number(userId) < 5 && (await room.join(`${Number(userId) + 1}`))),
    });
    await room.join("1");

    await room.destroy();

    expect(await room.getMembers()).toEqual([]);
    expect([...storage.rows()]).toEqual([]);
  });

  it("[B8] puts out who joins while what is stored is being erased", async () => {
    const { room, storage, asked } = await open();
    let joined: boolean | undefined;
    storage.deleteAlarm = async () => {
      joined ??= await room.join("ada");
    };

    await room.destroy();

    expect(joined).toBe(true);
    expect(asked).toEqual(["ada left attic"]);
    expect(await room.hasMember("ada")).toBe(false);
    expect([...storage.rows()]).toEqual([]);
  });

  it.each(["onLeave", "onDestroy"])("[B8] ends once, though its %s destroys it, too", async (hook) => {
    let ends = 0;
    const { room, storage } = await open({
      onLeave: () => hook === "onLeave" && room.destroy(),
      onDestroy: () => ++ends < 3 && hook === "onDestroy" && room.destroy(),
    });
    await room.join("ada");

    await room.destroy();
    await room.join("bob");

    expect(ends).toBe(1);
    expect([...storage.rows().keys()]).toEqual(["_dormouse:member:bob"]);
  });

  it("[B3] setRoomState() knows the keys of the definition that a hook has deleted, and those that have no value yet", async () => {
    const state: { topic?: string; note?: string } = { topic: "chess" };
    const { room } = await open({
      state,
      persistedKeys: ["topic", "note"] as never,
      onJoin: (context) => delete (context.state as typeof state).topic,
    });
    await room.join("ada");

    await room.setRoomState({ topic: "go", note: "new" });

    expect(await room.getRoomState()).toEqual({ topic: "go", note: "new" });
    await expect(room.setRoomState({ topik: "go" })).rejects.toThrow('has no "topik" in its state');
  });

  it("[B2] [B3] members who join within one millisecond are in that order after a wake, too, though the clock goes back", async () => {
    stopClock();
    const { room, storage } = await open();
    for (const userId of ["cat", "ada"]) await room.join(userId);
    vi.mocked(Date.now).mockReturnValue(1_799_999_999_000);
    await room.join("bob");
    await room.join("cat", { seat: 1 });
    await storage.sync();

    const woken = await open({}, storage.restart());
    await woken.room.join("aaron");
    const again = await open({}, woken.storage);

    const order = async ({ room: of }: { readonly room: typeof room }) =>
      (await of.getMembers()).map(({ userId }) => userId);
    expect(await order(woken)).toEqual(["cat", "ada", "bob", "aaron"]);
    expect(await order(again)).toEqual(["cat", "ada", "bob", "aaron"]);
  });
});
