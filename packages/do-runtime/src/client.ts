// The browser's side of a connection. Reconnecting is partysocket's: a small and well-kept reconnecting WebSocket.
import ReconnectingWebSocket from "partysocket/ws";
import { FINAL_REASONS } from "./close-reasons.ts";
import { type Contract, type InputOf, type OutputOf, validate } from "./contract.ts";
import { encodeClientEvent, type ErrorFrame, parseServerFrame, PING } from "./protocol.ts";

export { type Contract, defineContract, payload } from "./contract.ts";
export type { ErrorFrame, ErrorFrameCode } from "./protocol.ts";

/** How the client is connected. `offline`: it will try again; `closed`: it won't, since `close()` was called, a newer connection replaced it, or the server destroyed it. */
export type ClientStatus = "connecting" | "open" | "offline" | "closed";

/** What `createClient` takes. */
export interface ClientOptions<C extends Contract | undefined = undefined> {
  /** The connection's contract: it types `on` and `emit`, and what the server sends is validated by it. */
  readonly events?: C;
  /** Milliseconds between heartbeats; after two without any answer the client reconnects. 0: no heartbeats. Default: 20,000. */
  readonly heartbeatMs?: number;
  /** The first delay before reconnecting, in milliseconds; each client waits up to twice as long, at random, so that they don't all come at once. Default: 500. */
  readonly minReconnectDelayMs?: number;
  /** The longest delay, in milliseconds. Default: 20,000. */
  readonly maxReconnectDelayMs?: number;
  /** How many events may wait while there is no connection; further ones are dropped, and `emit` returns "dropped". Default: 1,000. */
  readonly maxQueuedEvents?: number;
}

/** What became of an emitted event. */
export type Emitted = "sent" | "queued" | "dropped";

type Listener<Payload> = (payload: Payload) => void;
type UncheckedPayload = ReturnType<typeof JSON.parse>;

type On<C extends Contract | undefined> =
  C extends Contract<infer _Client, infer Server>
    ? <E extends keyof Server & string>(event: E, listener: Listener<OutputOf<Server[E]>>) => () => void
    : <Payload = UncheckedPayload>(event: string, listener: Listener<Payload>) => () => void;

type Off<C extends Contract | undefined> =
  C extends Contract<infer _Client, infer Server>
    ? <E extends keyof Server & string>(event: E, listener?: Listener<OutputOf<Server[E]>>) => void
    : (event: string, listener?: Listener<UncheckedPayload>) => void;

type PayloadArguments<T> = undefined extends T ? [data?: T] : [data: T];

type EmitToServer<C extends Contract | undefined> =
  C extends Contract<infer Client, infer _Server>
    ? <E extends keyof Client & string>(event: E, ...data: PayloadArguments<InputOf<Client[E]>>) => Emitted
    : (event: string, data?: unknown) => Emitted;

/** A connection to the server, kept open. */
export interface Client<C extends Contract | undefined = undefined> {
  /** How the client is connected now. */
  readonly status: ClientStatus;
  /** Listens to an event; returns a function that ends it. */
  readonly on: On<C>;
  /** Listens to the event's next occurrence only. */
  readonly once: On<C>;
  /** Removes one listener, or all of the event's. */
  readonly off: Off<C>;
  /**
   * Sends an event, or queues it while there is no connection; after `close()` it waits for `reconnect()`. Throws a `TypeError` that names
   * the event where the payload can't be JSON (a BigInt, a cycle).
   */
  readonly emit: EmitToServer<C>;
  /** Listens to the errors that the server sends; returns a function that ends it. */
  onError(listener: (error: ErrorFrame) => void): () => void;
  /** Listens to changes of `status`; returns a function that ends it. */
  onStatus(listener: (status: ClientStatus) => void): () => void;
  /** Opens again after `close()` or a replacement, or at once while waiting. */
  reconnect(): void;
  /** Closes the connection for good, unless `reconnect()` is called. */
  close(): void;
}

/**
 * Opens a connection and keeps it open: it reconnects after growing, randomized delays, sends heartbeats to notice dead connections, and queues events while offline.
 *
 * `url` may be a function, for tokens that expire; it is called at each attempt, and awaited as long as it takes (the user may have to sign in): give what it
 * fetches a time-out, as `fetch(tokens, { signal: AbortSignal.timeout(10_000) })`. Where it rejects, the client tries again.
 *
 * @example
 * const client = createClient("wss://example.com/ws?userId=ada");
 * client.on<{ text: string }>("message", ({ text }) => console.log(text));
 * client.emit("message", { text: "hello" });
 */
export function createClient<C extends Contract | undefined = undefined>(
  url: string | (() => string | Promise<string>),
  options: ClientOptions<C> = {},
): Client<C> {
  const client = new ReconnectingClient(url, options);
  // The contract only narrows the events' names and payloads.
  return client as unknown as Client<C>;
}

class ReconnectingClient {
  #socket: ReconnectingWebSocket;
  readonly #open: (startClosed?: boolean) => ReconnectingWebSocket;
  readonly #contract: Contract | undefined;
  readonly #heartbeatMs: number;
  readonly #maxQueuedEvents: number;
  /** By event: what is called, and the listener it was given for. */
  readonly #listeners = new Map<string, Map<Listener<unknown>, Listener<unknown>>>();
  readonly #errorListeners = new Set<(error: ErrorFrame) => void>();
  readonly #statusListeners = new Set<(status: ClientStatus) => void>();
  #status: ClientStatus = "connecting";
  #queuedEvents = 0;
  #stopBeating: () => void = () => {};
  #unansweredBeats = 0;
  /** Payloads are validated one after the other: a schema may take its time, and events must not overtake each other. */
  #validating: Promise<void> = Promise.resolve();

  constructor(url: string | (() => string | Promise<string>), options: ClientOptions<Contract | undefined>) {
    const { events, heartbeatMs = 20_000, maxQueuedEvents = 1000 } = options;
    const { minReconnectDelayMs = 500, maxReconnectDelayMs = 20_000 } = options;
    this.#contract = events;
    this.#heartbeatMs = heartbeatMs;
    this.#maxQueuedEvents = maxQueuedEvents;
    const socketOptions = {
      minReconnectionDelay: minReconnectDelayMs * (1 + Math.random()),
      maxReconnectionDelay: maxReconnectDelayMs,
      reconnectionDelayGrowFactor: 2,
      minUptime: 1000,
      connectionTimeout: 10_000,
      shouldReconnectOnClose: ({ reason }: CloseEvent) => !FINAL_REASONS.has(reason),
    };
    this.#open = (startClosed = false) =>
      new ReconnectingWebSocket(() => resolveUrl(url), undefined, { ...socketOptions, startClosed });
    this.#socket = this.#open();
    this.#listenTo(this.#socket);
  }

  get status(): ClientStatus {
    return this.#status;
  }

  on(event: string, listener: Listener<unknown>): () => void {
    return this.#listen(event, listener, listener);
  }

  once(event: string, listener: Listener<unknown>): () => void {
    const end = this.#listen(event, listener, (payload) => {
      end();
      listener(payload);
    });
    return end;
  }

  off(event: string, listener?: Listener<unknown>): void {
    const listeners = this.#listeners.get(event);
    for (const [called, given] of listeners ?? []) {
      if (listener === undefined || given === listener) listeners?.delete(called);
    }
  }

  emit(event: string, data?: unknown): Emitted {
    const frame = encode(event, data);
    if (this.#socket.readyState !== this.#socket.OPEN) {
      if (this.#queuedEvents >= this.#maxQueuedEvents) return "dropped";
      this.#queuedEvents++;
    }
    return this.#socket.send(frame) ? "sent" : "queued";
  }

  onError(listener: (error: ErrorFrame) => void): () => void {
    this.#errorListeners.add(listener);
    return () => this.#errorListeners.delete(listener);
  }

  onStatus(listener: (status: ClientStatus) => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  reconnect(): void {
    this.#goOnWith(this.#open());
    this.#become("connecting");
  }

  close(): void {
    this.#goOnWith(this.#open(true));
    this.#become("closed");
  }

  /** Leaves the socket for another, which takes over what waits: one that waits for its next try can't be hurried, and a closed one warns of all it is given. */
  #goOnWith(socket: ReconnectingWebSocket): void {
    const last = this.#socket;
    this.#socket = socket;
    this.#listenTo(socket);
    for (const frame of last.drainQueuedMessages()) socket.send(frame);
    this.#stopBeating();
    last.close();
  }

  #listenTo(socket: ReconnectingWebSocket): void {
    socket.addEventListener("open", () => {
      this.#queuedEvents = 0;
      this.#startBeating();
      this.#become("open");
    });
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#stopBeating();
      this.#become(socket.shouldReconnect ? "offline" : "closed");
    });
    socket.addEventListener("error", ({ message }) => {
      if (socket !== this.#socket || !socket.shouldReconnect) return;
      this.#become("offline");
      // What the network refuses, the browser logs by itself, and its event has no message.
      if (message) console.error(`[client] can't connect: ${message}; it will try again`);
    });
    socket.addEventListener("message", ({ data }: MessageEvent) => this.#receive(data));
  }

  #become(status: ClientStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    callEach(this.#statusListeners, status, () => this.#status === status);
  }

  #listen(event: string, given: Listener<unknown>, called: Listener<unknown>): () => void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) this.#listeners.set(event, (listeners = new Map()));
    listeners.set(called, given);
    return () => void listeners.delete(called);
  }

  #startBeating(): void {
    this.#stopBeating();
    this.#unansweredBeats = 0;
    if (this.#heartbeatMs === 0) return;
    const beat = setInterval(() => {
      if (this.#unansweredBeats >= 2) {
        // A connection can be dead without a close: the cable was pulled, the phone slept.
        this.#stopBeating();
        this.#socket.reconnect();
        return;
      }
      this.#unansweredBeats++;
      this.#socket.send(PING);
    }, this.#heartbeatMs);
    this.#stopBeating = () => clearInterval(beat);
  }

  #receive(data: unknown): void {
    this.#unansweredBeats = 0;
    const frame = parseServerFrame(data);
    if (frame.kind === "error") this.#fail(frame.error);
    if (frame.kind !== "event") return;
    const { event, payload } = frame;
    const schemas = this.#contract?.server;
    const schema = schemas !== undefined && Object.hasOwn(schemas, event) ? schemas[event] : undefined;
    if (schemas === undefined) this.#deliver(event, payload);
    else this.#validating = this.#validating.then(() => this.#deliverValid(event, payload, schema));
  }

  async #deliverValid(
    event: string,
    payload: unknown,
    schema: Contract["server"][string] | undefined,
  ): Promise<void> {
    if (schema === undefined) return;
    try {
      const result = await validate(schema, payload);
      if (result.ok) this.#deliver(event, result.value);
      else this.#fail({ code: "PAYLOAD_REFUSED", message: result.message, event });
    } catch (thrown) {
      // By the schema: the events after this one are to be heard.
      this.#fail({
        code: "PAYLOAD_REFUSED",
        message: thrown instanceof Error ? thrown.message : "the schema failed",
        event,
      });
    }
  }

  #deliver(event: string, payload: unknown): void {
    const listeners = this.#listeners.get(event);
    if (listeners !== undefined) callEach(listeners, payload);
  }

  #fail(error: ErrorFrame): void {
    callEach(this.#errorListeners, error);
  }
}

/** Rejects with an error whatever the program's function throws: for anything else the socket would not try again. */
async function resolveUrl(url: string | (() => string | Promise<string>)): Promise<string> {
  try {
    return typeof url === "function" ? await url() : url;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : "it threw no Error";
    throw new Error(`the url's function failed: ${found}`, { cause });
  }
}

/** @throws TypeError that names the event, for a payload that can't be JSON. */
function encode(event: string, data: unknown): string {
  try {
    return encodeClientEvent(event, data);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(
      `[client] the payload of "${event}" can't be JSON: ${found}; convert it before emitting`,
      { cause },
    );
  }
}

/**
 * Calls those that listen now: neither whom one of them adds, which would not end where it adds itself again, nor whom one removes; and nobody
 * any more once one of them has made it untrue, since the others have heard what is true by then.
 */
function callEach<Payload>(
  listeners: Pick<ReadonlyMap<Listener<Payload>, unknown>, "keys" | "has">,
  payload: Payload,
  isTrue: () => boolean = () => true,
): void {
  const now = [...listeners.keys()];
  for (const listener of now) {
    if (!listeners.has(listener) || !isTrue()) continue;
    try {
      listener(payload);
    } catch (error) {
      // One listener's failure is not the others'; the page's own error handler hears of it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
