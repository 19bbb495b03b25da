// A client's side of a socket, for tests: what it received, in order, and waiting for more.
import { expect } from "vitest";

interface Received {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Where sockets are opened: an object's stub. */
export interface Opens {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export class TestSocket {
  readonly ws: WebSocket;
  readonly received: Received[] = [];
  /** How the server closed it. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  #read = 0;
  #wake: () => void = () => {};

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.addEventListener("message", ({ data }) => {
      this.received.push(JSON.parse(String(data)) as Received);
      this.#wake();
    });
    ws.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      this.#wake();
    });
    ws.accept();
  }

  send(type: string, data?: unknown): void {
    this.ws.send(JSON.stringify({ type, data }));
  }

  sendRaw(message: string | ArrayBuffer): void {
    this.ws.send(message);
  }

  close(code = 1000, reason = ""): void {
    this.ws.close(code, reason);
  }

  /** The next frame not read yet. */
  async frame(): Promise<Received> {
    await this.#until(() => this.received.length > this.#read, "a frame");
    return this.received[this.#read++] as Received;
  }

  /** The next event's data, whose name must be the given one. */
  async event(name: string): Promise<Record<string, unknown>> {
    const frame = await this.frame();
    expect(frame).toMatchObject({ type: "event", data: { type: name } });
    const { type: _type, ...data } = frame["data"] as Record<string, unknown>;
    return data;
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    await this.#until(() => this.closed !== undefined, "the close");
    return this.closed ?? { code: 0, reason: "" };
  }

  async #until(isDone: () => boolean, what: string): Promise<void> {
    const timeOut = Date.now() + 5000;
    while (!isDone()) {
      if (Date.now() > timeOut)
        throw new Error(`${what} did not come; received ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
  }
}

/** Asks for an upgrade; the answer may be a refusal. */
export function upgrade(stub: Opens, query = "", init: RequestInit = {}): Promise<Response> {
  return stub.fetch(`https://test/ws${query}`, { ...init, headers: { Upgrade: "websocket" } });
}

/** Opens a socket. */
export async function open(stub: Opens, query = ""): Promise<TestSocket> {
  const response = await upgrade(stub, query);
  if (response.webSocket === null) throw new Error(`refused: ${response.status} ${await response.text()}`);
  return new TestSocket(response.webSocket);
}
