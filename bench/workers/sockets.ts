// The Worker of `npm run bench:end-to-end`: for each way of keeping a state an object that counts messages and answers each.
import { Actor, Persist } from "@cloudflare/actors";
import { createConnectionHandler, defineConnection, type ConnectionMeta } from "@dormouse/do-runtime";
import { Agent } from "agents";
import { DurableObject } from "cloudflare:workers";
import { rowsWritten } from "../writes/count-storage.ts";
import { openPerWrite } from "../writes/stores/per-write.ts";

interface CounterState {
  messageCount: number;
  lastSeen: number;
}

const KEYS = ["messageCount", "lastSeen"] as const;
const initial = (): CounterState => ({ messageCount: 0, lastSeen: 0 });
const reply = (count: number) =>
  JSON.stringify({ type: "event", channel: "default", data: { type: "counted", count } });

function readEvent(message: string | ArrayBuffer): void {
  const frame: unknown = JSON.parse(String(message));
  if (typeof frame !== "object" || frame === null || Reflect.get(frame, "type") !== "message") {
    throw new Error("[bench] not a message frame");
  }
}

/** What the driver asks each object for, besides its socket. */
export interface Counting {
  /** Rows written so far, by SQLite's own count. */
  countRows(): number | Promise<number>;
}

function accept(ctx: DurableObjectState): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  ctx.acceptWebSocket(server);
  return new Response(null, { status: 101, webSocket: client });
}

abstract class SocketObject extends DurableObject implements Counting {
  countRows(): number {
    return rowsWritten(this.ctx.storage.sql);
  }

  override async fetch(): Promise<Response> {
    return accept(this.ctx);
  }
  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    readEvent(message);
    this.handle(socket);
  }
  protected abstract handle(socket: WebSocket): void;
}

/** No storage at all: what the socket and the frames cost. */
export class NoStorage extends SocketObject {
  #state = initial();
  protected handle(socket: WebSocket): void {
    this.#state.messageCount++;
    this.#state.lastSeen = Date.now();
    socket.send(reply(this.#state.messageCount));
  }
}

/** Restores both keys when it wakes. */
abstract class StoringObject extends SocketObject {
  protected readonly state = initial();
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      const stored = await ctx.storage.get<number>([...KEYS]);
      for (const key of KEYS) this.state[key] = stored.get(key) ?? 0;
    });
  }
}

/** Hand-written: one put of both keys a message, before the answer. */
export class ByHand extends StoringObject {
  protected handle(socket: WebSocket): void {
    this.state.messageCount++;
    this.state.lastSeen = Date.now();
    void this.ctx.storage.put({ ...this.state });
    socket.send(reply(this.state.messageCount));
  }
}

/** Hand-written group commit: answers wait for the next event's one put. */
export class ByHandGroup extends StoringObject {
  readonly #waiting: (() => void)[] = [];
  protected handle(socket: WebSocket): void {
    this.state.messageCount++;
    this.state.lastSeen = Date.now();
    const text = reply(this.state.messageCount);
    this.#waiting.push(() => socket.send(text));
    if (this.#waiting.length > 1) return;
    setTimeout(() => {
      void this.ctx.storage.put({ ...this.state });
      for (const send of this.#waiting.splice(0)) send();
    }, 0);
  }
}

/** The model of the per-write engine. */
export class PerWrite extends SocketObject {
  #state: Record<string, unknown> = {};
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      this.#state = await openPerWrite(ctx.storage, { initial: { ...initial() }, keys: KEYS, shallow: true });
    });
  }
  protected handle(socket: WebSocket): void {
    const count = Number(this.#state["messageCount"]) + 1;
    this.#state["messageCount"] = count;
    this.#state["lastSeen"] = Date.now();
    socket.send(reply(count));
  }
}

export class PersistActor extends Actor<Cloudflare.Env> {
  countRows(): number {
    return rowsWritten(this.ctx.storage.sql);
  }
  @Persist
  messageCount = 0;
  @Persist
  lastSeen = 0;

  override async fetch(): Promise<Response> {
    return accept(this.ctx);
  }
  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    readEvent(message);
    this.messageCount++;
    this.lastSeen = Date.now();
    socket.send(reply(this.messageCount));
  }
}

export class CountingAgent extends Agent<Cloudflare.Env, CounterState> {
  countRows(): number {
    return rowsWritten(this.ctx.storage.sql);
  }
  static override options = { sendIdentityOnConnect: false };
  override initialState = initial();

  /** Without it every answer would be followed by the whole state. */
  override shouldSendProtocolMessages(): boolean {
    return false;
  }
  override onMessage(connection: { send(text: string): void }, message: string | ArrayBuffer): void {
    readEvent(message);
    this.setState({ messageCount: this.state.messageCount + 1, lastSeen: Date.now() });
    connection.send(reply(this.state.messageCount));
  }
}

function dormouse(name: string, options: { commit: "turn" | "group"; layout: "keys" | "log" }) {
  const connection = defineConnection<ConnectionMeta, Cloudflare.Env, CounterState>({
    name,
    websocketPath: "/",
    state: initial(),
    persistedKeys: KEYS,
    ...options,
  });
  connection.on("message", (ctx) => {
    ctx.state.messageCount++;
    ctx.state.lastSeen = Date.now();
    void ctx.emit.emit("counted", { count: ctx.state.messageCount });
  });
  return createConnectionHandler(connection);
}

export class DormouseTurn
  extends dormouse("DormouseTurn", { commit: "turn", layout: "keys" })
  implements Counting
{
  countRows(): number {
    return rowsWritten(this.getStorage().sql);
  }
}

export class DormouseGroup
  extends dormouse("DormouseGroup", { commit: "group", layout: "keys" })
  implements Counting
{
  countRows(): number {
    return rowsWritten(this.getStorage().sql);
  }
}

export class DormouseTurnLog
  extends dormouse("DormouseTurnLog", { commit: "turn", layout: "log" })
  implements Counting
{
  countRows(): number {
    return rowsWritten(this.getStorage().sql);
  }
}

export class DormouseGroupLog
  extends dormouse("DormouseGroupLog", { commit: "group", layout: "log" })
  implements Counting
{
  countRows(): number {
    return rowsWritten(this.getStorage().sql);
  }
}

type CountingStub = DurableObjectStub<DurableObject & Counting>;

export default {
  async fetch(request: Request, env: Record<string, DurableObjectNamespace>): Promise<Response> {
    const url = new URL(request.url);
    const namespace = env[url.searchParams.get("class") ?? ""];
    if (!namespace) return new Response("no such class", { status: 404 });
    const stub = namespace.get(namespace.idFromName(url.searchParams.get("name") ?? ""));
    if (url.pathname !== "/rows") return stub.fetch(request);
    return Response.json({ rows: await (stub as unknown as CountingStub).countRows() });
  },
};
