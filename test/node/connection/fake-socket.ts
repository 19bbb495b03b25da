// The sockets of a client's tests, in place of the platform's.
import { afterEach, beforeEach, expect, vi } from "vitest";

/** A socket that says, and refuses, what a test wants. */
export class FakeSocket extends EventTarget {
  static readonly all: FakeSocket[] = [];
  readonly sent: string[] = [];
  readyState = 0;
  binaryType = "blob";

  constructor(url: string) {
    super();
    if (!url.startsWith("ws:")) throw new SyntaxError(`The URL '${url}' is invalid.`);
    FakeSocket.all.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  say(type: string, payload: unknown): void {
    const data = JSON.stringify({ type: "event", channel: "default", data: { type }, payload });
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  refuse(): void {
    const data = JSON.stringify({ type: "error", code: "UNKNOWN_EVENT", message: "" });
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  send(frame: string): void {
    this.sent.push(frame);
  }

  close(): void {
    this.readyState = 3;
  }

  /** The connection breaks. */
  drop(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

/** What listeners threw. */
export const uncaught: unknown[] = [];
const catchUncaught = (error: unknown) => uncaught.push(error);
beforeEach(() => {
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all.length = 0;
  uncaught.length = 0;
  // The page's "error" event: what a listener throws ends there.
  for (const other of process.listeners("uncaughtException")) process.off("uncaughtException", other);
  process.on("uncaughtException", catchUncaught);
});

afterEach(() => {
  process.off("uncaughtException", catchUncaught);
  vi.unstubAllGlobals();
});

/** Opens a socket, once the client has made that many. */
export async function opened(which = 0): Promise<FakeSocket> {
  await vi.waitFor(() => expect(FakeSocket.all.length).toBeGreaterThan(which));
  const socket = FakeSocket.all[which] as FakeSocket;
  socket.open();
  return socket;
}
