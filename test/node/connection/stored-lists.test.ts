// A room's members and a user's rooms, as storage may have them after a mishap.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { expect, it } from "vitest";
import { Members } from "../../../packages/do-runtime/src/members.ts";
import type { RoomPort } from "../../../packages/do-runtime/src/ports.ts";
import { Memberships } from "../../../packages/do-runtime/src/memberships.ts";

const ada = { userId: "ada", metadata: {}, joinedAt: 1 };

it("[B13] a member that is none is reported and left out; the others are members", async () => {
  const storage = memoryStorage({
    rows: [
      ["_dormouse:member:ada", ada],
      ["_dormouse:member:bob", null],
      ["_dormouse:member:cat", { ...ada, userId: "cat" }],
    ],
  });
  const members = new Members(storage as unknown as ConstructorParameters<typeof Members>[0]);
  const reported: string[] = [];
  await members.load((error) => void reported.push(error.message));

  expect(members.all().map(({ userId }) => userId)).toEqual(["ada", "cat"]);
  expect(reported).toEqual([expect.stringMatching(/"_dormouse:member:bob" can't be read; who is missing/)]);
});

it("[B13] members that storage can't read keep the room from nothing else", async () => {
  const storage = memoryStorage({ rows: [["_dormouse:member:ada", ada]] });
  storage.makeUnreadable("_dormouse:member:ada");
  const members = new Members(storage as unknown as ConstructorParameters<typeof Members>[0]);
  const reported: string[] = [];
  await members.load((error) => void reported.push(error.message));
  await members.set({ ...ada, userId: "bob" });

  expect(members.all().map(({ userId }) => userId)).toEqual(["bob"]);
  expect(reported).toHaveLength(1);
});

it.each([
  ["is no list", "junk"],
  ["has no names in it", new Map([[1, {}]])],
  ["can't be read", undefined],
])("[B13] a list of rooms that %s is reported, and the user is in no room", async (_, stored) => {
  const storage = memoryStorage({ rows: [["_dormouse:rooms", stored ?? new Map([["lobby", {}]])]] });
  if (stored === undefined) storage.makeUnreadable("_dormouse:rooms");
  const reported: unknown[] = [];
  const memberships = new Memberships({
    storage: storage as unknown as ConstructorParameters<typeof Memberships>[0]["storage"],
    userId: () => "ada",
    isConnected: () => true,
    room: () => {
      throw new Error("not asked for here");
    },
    onError: (error) => void reported.push(error),
  });
  await memberships.load();

  expect(memberships.names).toEqual([]);
  expect(reported).toEqual([
    expect.objectContaining({
      code: "STORED_VALUE_UNREADABLE",
      message: expect.stringContaining("the user is in no room until the next joinRoom()"),
    }),
  ]);
});

it("[B13] a list of rooms can be read whatever metadata a client had a handler join with", async () => {
  const storage = memoryStorage();
  const surroundings = {
    storage: storage as unknown as ConstructorParameters<typeof Memberships>[0]["storage"],
    userId: () => "ada",
    isConnected: () => true,
    room: () => ({ join: async () => true, memberLeaves: async () => true }) as unknown as RoomPort,
    onError: (error: unknown) => {
      throw error;
    },
  };
  const before = new Memberships(surroundings);
  for (const metadata of [5, "x", true, null, []]) await before.join(`${metadata}`, metadata as object);

  const after = new Memberships(surroundings);
  await after.load();

  expect(after.names).toEqual(before.names);
  expect(after.names).toHaveLength(5);
});

it("[B3] nothing is stored of rooms once the last is left", async () => {
  const storage = memoryStorage();
  const room = { join: async () => true, memberLeaves: async () => true } as unknown as RoomPort;
  const memberships = new Memberships({
    storage: storage as unknown as ConstructorParameters<typeof Memberships>[0]["storage"],
    userId: () => "ada",
    isConnected: () => true,
    room: () => room,
    onError: (error) => {
      throw error;
    },
  });
  await memberships.join("lobby", {});
  await memberships.join("attic", { rank: 1 });
  await memberships.leave("lobby");
  expect([...storage.rows()]).toEqual([["_dormouse:rooms", new Map([["attic", { rank: 1 }]])]]);

  await memberships.leave("attic");
  expect(storage.rows().size).toBe(0);
});
