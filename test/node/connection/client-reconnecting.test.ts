import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Client, createClient } from "@dormouse/do-runtime/client";
import { FakeSocket, opened } from "./fake-socket.ts";

let client: Client | undefined;

afterEach(() => client?.close());

const ping = '{"type":"ping"}';

/** Lets time pass, and opens the latest socket unless it is open, or has been closed. */
async function pass(delayMs: number): Promise<FakeSocket> {
  await vi.advanceTimersByTimeAsync(delayMs);
  const socket = FakeSocket.all.at(-1) as FakeSocket;
  if (socket.readyState === 0) socket.open();
  return socket;
}

const rounds = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("reconnecting", () => {
  it("[W7] reconnect() opens at once while the client waits, and what was queued follows", async () => {
    client = createClient("ws://test", { minReconnectDelayMs: 60_000 });
    const statuses: string[] = [];
    client.onStatus((status) => statuses.push(status));
    (await opened()).drop();
    await rounds();
    const waiting = FakeSocket.all.length;
    client.emit("n", 1);

    client.reconnect();
    const socket = await opened(1);
    await rounds();

    expect(waiting).toBe(1);
    expect(socket.sent).toEqual(['{"type":"n","data":1}']);
    expect(statuses).toEqual(["open", "offline", "connecting", "open"]);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("[W7] tells once that it is offline, however often it tries", async () => {
    client = createClient("ws://test", { minReconnectDelayMs: 1, maxReconnectDelayMs: 1 });
    const statuses: string[] = [];
    client.onStatus((status) => statuses.push(status));
    (await opened()).drop();

    for (let tries = 1; tries < 4; tries++) {
      await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(tries + 1));
      FakeSocket.all[tries]?.drop();
    }

    expect(statuses).toEqual(["open", "offline"]);
  });

  it("[W7] reconnect() leaves an open connection for another, and is never closed in between", async () => {
    client = createClient("ws://test");
    const statuses: string[] = [];
    client.onStatus((status) => statuses.push(status));
    await opened();

    client.reconnect();
    await opened(1);

    expect(statuses).toEqual(["open", "connecting", "open"]);
  });

  it("[W7] after close() while waiting, reconnect() opens at once, too", async () => {
    client = createClient("ws://test", { minReconnectDelayMs: 60_000 });
    (await opened()).drop();

    client.close();
    client.reconnect();
    await opened(1);

    expect(client.status).toBe("open");
  });

  it("[W7] tries again whatever the url's function throws", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    const thrown = [undefined, null, "no token", Object.create(null)];
    client = createClient(() => (thrown.length > 0 ? Promise.reject(thrown.shift()) : "ws://test"), {
      minReconnectDelayMs: 1,
    });

    await opened();

    expect(client.status).toBe("open");
  });

  it.each([
    ["the url's function fails", () => Promise.reject(new Error("no token yet")), "no token yet"],
    ["the url is none", () => "localhost:8787/ws", "The URL 'localhost:8787/ws' is invalid."],
  ])("[W7] is offline, and the console says why, while %s", async (_why, wrongUrl, message) => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    const statuses: string[] = [];
    let tries = 0;
    client = createClient(() => (tries++ === 0 ? wrongUrl() : "ws://test"), { minReconnectDelayMs: 1 });
    client.onStatus((status) => statuses.push(status));

    await opened();

    expect(statuses).toEqual(["offline", "open"]);
    expect(logged.mock.calls).toEqual([[expect.stringContaining(message)]]);
  });

  it("[W7] says nothing of an attempt that close() has ended", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => logged.mockRestore());
    client = createClient(() => Promise.reject(new Error("no token yet")));

    client.close();
    await rounds();

    expect(client.status).toBe("closed");
    expect(logged).not.toHaveBeenCalled();
  });

  it("[W7] hears nothing more of a connection that reconnect() has left", async () => {
    client = createClient("ws://test");
    const heard: unknown[] = [];
    client.on("n", (n) => heard.push(n));
    const left = await opened();

    client.reconnect();
    const socket = await opened(1);
    left.say("n", "left");
    left.drop();
    socket.say("n", "now");

    expect(heard).toEqual(["now"]);
    expect(client.status).toBe("open");
  });
});

describe("a client's time", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });

  afterEach(() => {
    client?.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("[W9] a connection that doesn't answer is opened anew after two heartbeats, at the third", async () => {
    client = createClient("ws://test");
    const socket = await pass(0);

    await pass(59_999);
    const before = FakeSocket.all.length;
    await pass(1);
    await pass(1);

    expect(socket.sent).toEqual([ping, ping]);
    expect([before, FakeSocket.all.length]).toEqual([1, 2]);
    expect([socket.readyState, client.status]).toEqual([3, "open"]);
  });

  it("[W9] whatever is received is an answer, and each connection is counted anew", async () => {
    client = createClient("ws://test", { heartbeatMs: 1000, minReconnectDelayMs: 1 });
    const first = await pass(0);
    for (let beat = 0; beat < 4; beat++) {
      await pass(1000);
      first.say("n", beat);
    }
    await pass(2000);
    first.drop();
    const second = await pass(10);
    await pass(2000);

    expect(first.sent).toHaveLength(6);
    expect(second.sent).toEqual([ping, ping]);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("[W9] no heartbeats are sent where there are to be none", async () => {
    client = createClient("ws://test", { heartbeatMs: 0 });
    const socket = await pass(0);

    await pass(100_000);

    expect(socket.sent).toEqual([]);
  });

  it("[W9] one that never ends to close is opened anew, once, and heartbeats take no event's place in the queue", async () => {
    client = createClient("ws://test", { heartbeatMs: 1000, maxQueuedEvents: 2 });
    const first = await pass(0);
    first.readyState = 2;

    await vi.advanceTimersByTimeAsync(2000);
    const emitted = [1, 2, 3].map((n) => client?.emit("n", n));
    // The next one takes its time to open.
    await vi.advanceTimersByTimeAsync(2500);
    const second = await pass(0);

    expect(emitted).toEqual(["queued", "queued", "dropped"]);
    expect(FakeSocket.all).toHaveLength(2);
    expect(second.sent.filter((frame) => frame !== ping)).toEqual([
      '{"type":"n","data":1}',
      '{"type":"n","data":2}',
    ]);
  });

  it.each([
    ["breaks", (socket: FakeSocket) => socket.drop()],
    ["is left for another", () => client?.reconnect()],
    ["is closed", () => client?.close()],
    [
      "is closed while it is closing",
      (socket: FakeSocket) => {
        socket.readyState = 2;
        client?.close();
      },
    ],
  ])(
    "[W9] a connection that %s has no heartbeats any more, nor has the next one any of them",
    async (_how, end) => {
      client = createClient("ws://test", { heartbeatMs: 1000, minReconnectDelayMs: 10_000 });
      const first = await pass(0);

      end(first);
      await vi.advanceTimersByTimeAsync(5000);
      client.reconnect();
      const next = await pass(0);

      expect(first.sent).toEqual([]);
      expect(next).not.toBe(first);
      expect(next.sent).toEqual([]);
    },
  );

  it("[W7] waits longer before each try, by chance and up to a limit", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    client = createClient("ws://test", { minReconnectDelayMs: 1000, maxReconnectDelayMs: 5000 });
    const delays: number[] = [];
    await vi.advanceTimersByTimeAsync(0);
    for (let tries = 1; tries < 5; tries++) {
      const droppedAt = Date.now();
      FakeSocket.all.at(-1)?.drop();
      while (FakeSocket.all.length === tries) await vi.advanceTimersByTimeAsync(100);
      delays.push(Date.now() - droppedAt);
    }

    expect(delays).toEqual([1500, 3000, 5000, 5000]);
  });

  it("[W7] gives up an attempt that isn't answered for 10 seconds, and tries again", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    client = createClient("ws://test", { minReconnectDelayMs: 10 });
    await vi.advanceTimersByTimeAsync(9_999);
    const before = [FakeSocket.all.length, client.status];

    await vi.advanceTimersByTimeAsync(100);

    expect(before).toEqual([1, "connecting"]);
    expect([FakeSocket.all.length, client.status]).toEqual([2, "offline"]);
    expect(logged.mock.calls).toEqual([[expect.stringContaining("TIMEOUT")]]);
  });

  it("[W7] begins with the shortest delay again after a connection that lasted a second", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    client = createClient("ws://test", { minReconnectDelayMs: 1000, heartbeatMs: 0 });
    const delays: number[] = [];
    for (const lastedMs of [900, 900, 1100, 100]) {
      await pass(0);
      await vi.advanceTimersByTimeAsync(lastedMs);
      const tries = FakeSocket.all.length;
      const droppedAt = Date.now();
      FakeSocket.all.at(-1)?.drop();
      while (FakeSocket.all.length === tries) await vi.advanceTimersByTimeAsync(100);
      delays.push(Date.now() - droppedAt);
    }

    expect(delays).toEqual([1500, 3000, 1500, 3000]);
  });
});

describe("the queue", () => {
  it("[W7] holds so many events, tells of those it drops, and goes on after close() and reconnect()", async () => {
    client = createClient("ws://test", { maxQueuedEvents: 2 });
    const before = [1, 2, 3].map((n) => client?.emit("n", n));
    const socket = await opened();
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    client.close();
    const closed = [4, 5, 6].map((n) => client?.emit("n", n));
    client.reconnect();
    const next = await opened(1);

    expect(before).toEqual(["queued", "queued", "dropped"]);
    expect(socket.sent).toEqual(['{"type":"n","data":1}', '{"type":"n","data":2}']);
    expect(closed).toEqual(["queued", "queued", "dropped"]);
    expect(next.sent).toEqual(['{"type":"n","data":4}', '{"type":"n","data":5}']);
    // That they wait for reconnect() is what was asked for.
    expect(warned).not.toHaveBeenCalled();
  });
});
