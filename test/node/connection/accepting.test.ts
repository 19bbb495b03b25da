// Who is let in, and who has to go for it.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ConnectionMeta, defineConnection } from "../../../packages/do-runtime/src/definition.ts";
import { FakeObject, installSockets } from "../support/sockets.ts";

let uninstall: () => void;
beforeAll(() => void (uninstall = installSockets()));
afterAll(() => uninstall());

const REPLACED = { code: 1000, reason: "Replaced by a newer connection" };

it("[C14] nobody disconnects whose onConnect throws, though the client has gone before", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const onDisconnect = vi.fn<() => void>();
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never>({
      async onConnect() {
        await released;
        throw new Error("no luck");
      },
      onDisconnect,
      onError() {},
    }),
  );
  const connecting = object.connect();
  await vi.waitFor(() => expect(object.sockets).toHaveLength(1));

  const closing = (await object.awake()).closed(object.sockets[0] as never, 1001, "");
  release();
  await Promise.all([connecting, closing]);

  expect(onDisconnect).not.toHaveBeenCalled();
});

it("[B4] [C14] the rooms are left to who is connected still, though another socket's onConnect throws", async () => {
  let fails = false;
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never>({
      maxSockets: 2,
      onConnect: (ctx) => {
        if (fails) throw new Error("no luck");
        return ctx.actor.joinRoom("attic");
      },
      onError() {},
    }),
  );
  await object.connect();

  fails = true;
  await object.connect();

  expect((await object.awake()).rooms).toEqual(["attic"]);
});

it("[B4] who has hung up and is not answered holds no room when the last other socket closes", async () => {
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never>({
      maxSockets: 2,
      onConnect: (ctx) => ctx.actor.joinRoom("attic"),
    }),
  );
  const [silent, other] = [await object.connect(), await object.connect()];
  const connection = await object.awake();

  silent?.close(4000, "hung up");
  const between = connection.rooms;
  await connection.closed(other as never, 1000, "");

  expect([between, connection.rooms]).toEqual([["attic"], []]);
});

describe("a newer socket", () => {
  it("[C5] [C14] replaces none where its onConnect throws", async () => {
    let fails = false;
    const object = new FakeObject(
      defineConnection<ConnectionMeta, never>({
        onConnect() {
          if (fails) throw new Error("no luck");
        },
        onError() {},
      }),
    );
    const first = await object.connect();

    fails = true;
    const second = await object.connect();
    fails = false;
    const afterSecond = first?.closed;
    await object.connect();

    expect(second?.closed).toEqual({ code: 1011, reason: "onConnect failed" });
    expect(afterSecond).toBeUndefined();
    expect(first?.closed).toEqual(REPLACED);
  });

  it("[C5] takes the place of those older than it when its onConnect has ended, and not of newer ones", async () => {
    const gates = new Map<unknown, () => void>();
    const object = new FakeObject(
      defineConnection<ConnectionMeta, never>({
        onConnect: (ctx) => new Promise<void>((resolve) => gates.set(ctx.ws, resolve)),
      }),
    );
    const opening = [object.connect(), object.connect(), object.connect()];
    await vi.waitFor(() => expect(gates.size).toBe(3));
    const sockets = object.sockets.toReversed();
    const closed = () => sockets.map(({ closed }) => closed?.reason);
    const letIn = async (index: number) => {
      gates.get(sockets[index])?.();
      await opening[index];
      return closed();
    };

    const afterSecond = await letIn(1);
    const afterFirst = await letIn(0);
    const afterThird = await letIn(2);

    expect(afterSecond).toEqual([REPLACED.reason, undefined, undefined]);
    expect(afterFirst).toEqual(afterSecond);
    expect(afterThird).toEqual([REPLACED.reason, REPLACED.reason, undefined]);
  });

  it.each(["stands still", "goes back"])(
    "[C5] replaces the oldest also after hibernation, though the clock %s",
    async (clock) => {
      vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
      const object = new FakeObject(defineConnection<ConnectionMeta, never>({ maxSockets: 2 }));
      const sockets = [await object.connect(), await object.connect()];
      if (clock === "goes back") vi.setSystemTime(900_000);

      for (let round = 0; round < 3; round++) {
        await object.hibernate();
        sockets.push(await object.connect());
      }
      vi.useRealTimers();

      expect(sockets.map((socket) => socket?.closed?.reason)).toEqual([
        REPLACED.reason,
        REPLACED.reason,
        REPLACED.reason,
        undefined,
        undefined,
      ]);
    },
  );
});

it("[C17] who asks for a socket while the object is being destroyed is refused, and let in after it", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const ending = vi.fn<() => Promise<void>>(() => released);
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never, { n: number }>({
      state: { n: 0 },
      persistedKeys: ["n"],
      onConnect: (ctx) => void ctx.state.n++,
      onDestroy: ending,
    }),
  );
  const first = await object.connect();

  const destroying = (await object.awake()).destroy();
  await vi.waitFor(() => expect(ending).toHaveBeenCalled());
  const meanwhile = await object.connect();
  release();
  await destroying;
  const stored = [...object.storage.rows()];
  const after = await object.connect();

  expect(first?.closed).toEqual({ code: 1000, reason: "The connection was destroyed" });
  expect([meanwhile, stored]).toEqual([undefined, []]);
  expect([after?.closed, (await object.awake()).state]).toEqual([undefined, { n: 1 }]);
});

it("[C17] two calls that destroy the object are one: who comes after the first is not destroyed by the second", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const waitsFor = [undefined, released];
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never, { n: number }>({
      state: { n: 0 },
      persistedKeys: ["n"],
      onConnect: (ctx) => void ctx.state.n++,
      onDestroy: () => waitsFor.shift(),
    }),
  );
  await object.connect();
  const connection = await object.awake();

  const destroying = [connection.destroy(), connection.destroy()];
  await destroying[0];
  const after = await object.connect();
  release();
  await destroying[1];
  await object.hibernate();

  expect([after?.closed, waitsFor]).toEqual([undefined, [released]]);
  expect((await object.awake()).state).toEqual({ n: 1 });
});

it.each(["is destroyed", "disconnects"])(
  "[C17] a room's onLeave may wait for destroy(), when its member %s",
  async (how) => {
    const onDestroy = vi.fn<() => void>();
    const room = {
      join: async () => true,
      memberLeaves: async () => {
        await (await object.awake()).destroy();
        return true;
      },
      broadcastFrame: async () => 0,
    };
    const definition = defineConnection<ConnectionMeta, never>({
      onConnect: (ctx) => ctx.actor.joinRoom("attic"),
      onDestroy,
    });
    const object: FakeObject<object> = new FakeObject(definition, () => room);
    const socket = await object.connect();
    const connection = await object.awake();

    if (how === "disconnects") await connection.closed(socket as never, 1000, "");
    else await connection.destroy();
    await vi.waitFor(() => expect(onDestroy).toHaveBeenCalled());

    expect([...object.storage.rows()]).toEqual([]);
    expect((await object.connect())?.closed).toBeUndefined();
  },
);

it("[C17] destroy() resolves once the rooms have let the user go, which keeps nobody from connecting", async () => {
  const { promise: left, resolve: leave } = Promise.withResolvers<boolean>();
  const room = { join: async () => true, memberLeaves: () => left, broadcastFrame: async () => 0 };
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never, { n: number }>({
      state: { n: 0 },
      persistedKeys: ["n"],
      onConnect: (ctx) => void ctx.state.n++,
    }),
    () => room,
  );
  await object.connect();
  const connection = await object.awake();
  await connection.joinRoom("attic");
  const onDestroyed = vi.fn<() => void>();

  const destroying = connection.destroy().then(onDestroyed);
  await vi.waitFor(async () => expect(await object.connect()).toBeDefined());
  expect(connection.state).toEqual({ n: 1 });
  expect(onDestroyed).not.toHaveBeenCalled();
  leave(true);
  await destroying;
});

it("[C17] an onDestroy that waits for destroy() doesn't wait for itself", async () => {
  const object = new FakeObject(
    defineConnection<ConnectionMeta, never, { n: number }>({
      state: { n: 0 },
      persistedKeys: ["n"],
      onConnect: (ctx) => void ctx.state.n++,
      onDestroy: (ctx) => ctx.actor.destroy(),
    }),
  );
  await object.connect();

  await (await object.awake()).destroy();

  expect([...object.storage.rows()]).toEqual([]);
  expect((await object.connect())?.closed).toBeUndefined();
});
