// What a page's own listeners do wrong must not end the client. test/node/browser/client.test.ts runs the client in a browser, against workerd.
import { afterEach, describe, expect, it } from "vitest";
import type { Schema } from "@dormouse/do-runtime";
import { type Client, createClient, defineContract, payload } from "@dormouse/do-runtime/client";
import { FakeSocket, opened, uncaught } from "./fake-socket.ts";

let client: Client | undefined;

afterEach(() => client?.close());

const rounds = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("listeners", () => {
  it("[W6] once() is ended by off(), too", async () => {
    client = createClient("ws://test");
    const heard: unknown[] = [];
    const listener = (n: unknown) => heard.push(n);
    client.once("n", listener);
    const socket = await opened();

    client.off("n", listener);
    socket.say("n", 1);

    expect(heard).toEqual([]);
  });

  it("[W6] once() is over before its listener is called, which may throw", async () => {
    client = createClient("ws://test");
    const heard: unknown[] = [];
    client.once("n", (n) => {
      heard.push(n);
      throw new Error("once");
    });
    const socket = await opened();

    socket.say("n", 1);
    socket.say("n", 2);
    await rounds();

    expect(heard).toEqual([1]);
  });

  it("[W6] off() ends one of an event's listeners, or all, and what on() returns ends its own", async () => {
    client = createClient("ws://test");
    const heard: string[] = [];
    const [first, second] = [() => heard.push("first"), () => heard.push("second")];
    client.on("n", first);
    client.on("n", second);
    const end = client.on("n", () => heard.push("third"));
    client.on("other", () => heard.push("other"));
    const socket = await opened();

    client.off("n", first);
    socket.say("n", 1);
    end();
    socket.say("n", 2);
    client.off("n");
    client.off("never heard of");
    socket.say("n", 3);
    socket.say("other", 4);

    expect(heard).toEqual(["second", "third", "second", "other"]);
  });

  it("[W6] what onError() and onStatus() return ends their listening", async () => {
    client = createClient("ws://test");
    const heard: string[] = [];
    const ends = [
      client.onError(({ code }) => heard.push(code)),
      client.onStatus((status) => heard.push(status)),
    ];
    const socket = await opened();
    socket.refuse();

    for (const end of ends) end();
    socket.refuse();
    client.close();

    expect(heard).toEqual(["open", "UNKNOWN_EVENT"]);
  });

  it("[W6] hear a contract's events only, as its schemas let them out, in the order of sending", async () => {
    const upper: Schema<string> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: async (value) => {
          await rounds();
          return { value: String(value).toUpperCase() };
        },
      },
    };
    const events = defineContract({ client: {}, server: { upper, plain: payload<string>() } });
    const typed = createClient("ws://test", { events });
    client = typed as unknown as Client;
    const heard: unknown[] = [];
    for (const event of ["upper", "plain", "constructor", "other"])
      client.on(event, (text) => heard.push(text));
    client.onError((error) => heard.push(error));
    const socket = await opened();

    for (const event of ["upper", "constructor", "other", "plain"]) socket.say(event, event);
    await rounds();
    await rounds();

    expect(heard).toEqual(["UPPER", "plain"]);
  });

  it("[W6] one that listens again while it is called hears the next event, not the same again", async () => {
    client = createClient("ws://test");
    const heard: unknown[] = [];
    const again = (n: unknown) => {
      heard.push(n);
      if (heard.length < 100) client?.once("n", again);
    };
    client.once("n", again);
    const socket = await opened();

    socket.say("n", 1);
    socket.say("n", 2);

    expect(heard).toEqual([1, 2]);
  });

  it("[W6] one that was ended by another one is not called any more", async () => {
    client = createClient("ws://test");
    const heard: string[] = [];
    const second = () => heard.push("second");
    client.on("n", () => {
      heard.push("first");
      client?.off("n", second);
    });
    client.on("n", second);
    const socket = await opened();

    socket.say("n", 1);

    expect(heard).toEqual(["first"]);
  });

  it("[W6] whatever throws, listeners and schemas, the next events are heard", async () => {
    const events = defineContract({
      client: {},
      server: {
        good: payload<number>(),
        bad: {
          "~standard": {
            version: 1,
            vendor: "test",
            validate() {
              throw new Error("a schema");
            },
          },
        },
      },
    });
    const typed = createClient("ws://test", { events });
    client = typed as unknown as Client;
    const heard: unknown[] = [];
    typed.on("good", () => {
      throw new Error("a listener");
    });
    typed.on("good", (n) => heard.push(n));
    typed.onError(() => {
      throw new Error("an error's listener");
    });
    typed.onError(({ code, message }) => heard.push(`${code} ${message}`));
    const socket = await opened();

    socket.say("bad", 1);
    socket.say("good", 2);
    socket.refuse();
    await rounds();

    expect(heard).toEqual(["UNKNOWN_EVENT ", "PAYLOAD_REFUSED a schema", 2]);
    expect(uncaught.map((error) => (error as Error).message).toSorted()).toEqual([
      "a listener",
      "an error's listener",
      "an error's listener",
    ]);
  });

  it("[W6] a payload that can't be JSON is refused by the event's name, and what comes after is sent", () => {
    client = createClient("ws://nowhere");
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;

    expect(() => client?.emit("count", 1n)).toThrow(
      /\[client\] the payload of "count" can't be JSON: .*BigInt.*; convert it before emitting/,
    );
    expect(() => client?.emit("cycle", cycle)).toThrow(/the payload of "cycle" can't be JSON/);
    expect(client.emit("fine", 1)).toBe("queued");
  });

  it("[W7] reconnect() and close() do so though a listener of the status throws", async () => {
    client = createClient("ws://test");
    const statuses: string[] = [];
    client.onStatus((status) => {
      throw new Error(status);
    });
    client.onStatus((status) => statuses.push(status));
    const socket = await opened();

    client.reconnect();
    await opened(1);
    client.close();
    await rounds();

    expect(socket.readyState).toBe(3);
    expect(statuses.at(-1)).toBe("closed");
    expect(FakeSocket.all[1]?.readyState).toBe(3);
  });

  it("[W7] tells each listener the latest status last, though one before it changes it", async () => {
    client = createClient("ws://test");
    const statuses: string[] = [];
    client.onStatus((status) => {
      if (status === "closed" && statuses.length === 1) client?.reconnect();
    });
    client.onStatus((status) => statuses.push(status));
    await opened();

    client.close();

    expect(client.status).toBe("connecting");
    expect(statuses).toEqual(["open", "connecting"]);
  });
});
