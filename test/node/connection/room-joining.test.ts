// Who becomes a member, with which metadata, whatever happens while onJoin is asked.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { open } from "./open-room.ts";

/** What happens in the test happens within one millisecond. */
function stopClock() {
  vi.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  onTestFinished(() => void vi.restoreAllMocks());
}

describe("who joins a room", () => {
  it("[B2] replaces the metadata of who joins again, which is no new joining", async () => {
    const joined: string[] = [];
    const { room } = await open({ onJoin: (_room, { userId }) => joined.push(userId) });
    const isNew = [await room.join("ada", { seat: 1 })];
    const [first] = await room.getMembers();
    await new Promise((resolve) => setTimeout(resolve, 2));

    isNew.push(await room.join("ada", { seat: 2 }));

    expect(isNew).toEqual([true, false]);
    expect(joined).toEqual(["ada"]);
    expect(await room.getMembers()).toEqual([{ ...first, metadata: { seat: 2 } }]);
  });

  it("[B2] keeps out who leaves while new metadata are refused by storage", async () => {
    const { room, storage } = await open();
    await room.join("ada");
    storage.failWhen(({ method }) => method === "put");

    const updating = room.updateMemberMetadata("ada", { seat: 2 });
    const leaving = room.memberLeaves("ada");

    await expect(updating).rejects.toThrow("put of");
    expect(await leaving).toBe(true);
    expect(await room.getMembers()).toEqual([]);
  });

  it("[B10] has nobody join whose onJoin's changes can't be stored", async () => {
    const { room } = await open({
      state: { name: "" },
      onPersistError() {},
      onJoin: ({ state }) => void Object.assign(state, { name: "x".repeat(3_000_000) }),
    });

    await expect(room.join("ada")).rejects.toMatchObject({ code: "VALUE_TOO_LARGE" });
    expect(await room.hasMember("ada")).toBe(false);
  });

  it("[B10] asks onJoin again about whom it was asked when the room's object crashed", async () => {
    const { room, storage } = await open({ onJoin: () => new Promise(() => {}) });
    void room.join("ada");
    await new Promise((resolve) => setTimeout(resolve, 2));

    const { room: again } = await open({ onJoin: () => Promise.reject(new Error("not in here")) }, storage);

    expect(await again.getMembers()).toEqual([]);
    await expect(again.join("ada")).rejects.toThrow("not in here");
    expect([...storage.rows()]).toEqual([]);
  });

  it("[B10] stores nobody who left while onJoin was being asked", async () => {
    const { promise: welcomed, resolve: welcome } = Promise.withResolvers<void>();
    const { room, storage } = await open({ onJoin: () => welcomed });
    const joining = room.join("ada");
    await room.memberLeaves("ada");

    welcome();
    await joining;

    expect(await room.hasMember("ada")).toBe(false);
    expect([...storage.rows()]).toEqual([]);
  });

  it("[B2] stores the metadata that replaced a member's while onJoin was being asked", async () => {
    const { promise: welcomed, resolve: welcome } = Promise.withResolvers<void>();
    const { room, storage } = await open({ onJoin: () => welcomed });
    const joining = room.join("ada", { seat: 1 });
    await room.updateMemberMetadata("ada", { seat: 2 });

    welcome();
    await joining;

    expect(await room.getMembers()).toMatchObject([{ metadata: { seat: 2 } }]);
    expect([...storage.rows().values()]).toMatchObject([{ userId: "ada", metadata: { seat: 2 } }]);
  });

  it("[B2] keeps a member's metadata where new ones can't be stored", async () => {
    const { room } = await open();
    await room.join("ada", { seat: 1 });

    await expect(room.updateMemberMetadata("ada", { run: () => 1 })).rejects.toThrow();

    expect(await room.getMembers()).toMatchObject([{ userId: "ada", metadata: { seat: 1 } }]);
  });

  it("[B10] keeps who left and joined again while the first joining was about to be refused", async () => {
    stopClock();
    const { promise: refused, reject: refuse } = Promise.withResolvers<void>();
    let joinings = 0;
    const { room } = await open({ onJoin: () => (joinings++ === 0 ? refused : undefined) });
    const first = room.join("ada");
    await room.memberLeaves("ada");
    await room.join("ada");

    refuse(new Error("not in here"));

    await expect(first).rejects.toThrow("not in here");
    expect(await room.hasMember("ada")).toBe(true);
  });

  it("[B10] stores who left and joined again not before the second joining was agreed to", async () => {
    stopClock();
    const { promise: welcomed, resolve: welcome } = Promise.withResolvers<void>();
    let joinings = 0;
    const { room, storage } = await open({
      onJoin: () => (joinings++ === 0 ? welcomed : new Promise(() => {})),
    });
    const first = room.join("ada");
    await room.memberLeaves("ada");
    void room.join("ada");

    welcome();
    await first;

    expect([...storage.rows()]).toEqual([]);
  });

  it.each(["updateMemberMetadata", "join"] as const)(
    "[B10] asks onJoin again after a crash that interrupts it, though %s() gave other metadata meanwhile",
    async (call) => {
      const { room, storage } = await open({ onJoin: () => new Promise(() => {}) });
      void room.join("ada", { seat: 1 });

      await room[call]("ada", { seat: 2 });
      await storage.sync();

      expect(await room.getMembers()).toMatchObject([{ metadata: { seat: 2 } }]);
      const { room: woken } = await open({}, storage.restart());
      expect(await woken.getMemberCount()).toBe(0);
    },
  );

  it("[B10] stores the metadata that were given while onJoin ran", async () => {
    const asked = Promise.withResolvers<void>();
    const { room, storage } = await open({ onJoin: () => asked.promise });
    const joining = room.join("ada", { seat: 1 });
    await room.updateMemberMetadata("ada", { seat: 2 });

    asked.resolve();
    await joining;
    await storage.sync();

    const { room: woken } = await open({}, storage.restart());
    expect(await woken.getMembers()).toMatchObject([{ userId: "ada", metadata: { seat: 2 } }]);
  });

  it("[B10] stores the metadata that were given while the member was being stored, too", async () => {
    const { room, storage } = await open();
    const rows: unknown[] = [];
    storage.failWhen(({ method }) => {
      if (method === "put" && rows.push(method) === 1) void room.updateMemberMetadata("ada", { seat: 2 });
      return false;
    });

    await room.join("ada", { seat: 1 });
    await storage.sync();

    const { room: woken } = await open({}, storage.restart());
    expect(await woken.getMembers()).toMatchObject([{ userId: "ada", metadata: { seat: 2 } }]);
  });

  it("[C16] takes nobody whose id can be no user's, and doesn't ask onJoin about him", async () => {
    const joined: string[] = [];
    const { room } = await open({ onJoin: (_room, { userId }) => joined.push(userId) });

    for (const userId of ["", "x".repeat(1025), "\ud800", 42, null])
      await expect(room.join(userId as string)).rejects.toThrow(/\[connection\] the name that begins with/);

    expect(joined).toEqual([]);
    expect(await room.getMemberCount()).toBe(0);
  });
});
