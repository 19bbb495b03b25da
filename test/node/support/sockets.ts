// The platform's side of hibernatable sockets, in memory: for thousands of runs, and for faults and clocks that workerd doesn't let a test choose.
import { memoryStorage } from "@dormouse/do-runtime/testing";
import { type ConnectionSurroundings, UserConnection } from "../../../packages/do-runtime/src/connection.ts";
import type { Connection, ConnectionMeta } from "../../../packages/do-runtime/src/definition.ts";
import type { RoomPort, UserPort } from "../../../packages/do-runtime/src/ports.ts";

/** Both ends of a socket in one. */
export class FakeSocket {
  readyState = 1;
  readonly sent: string[] = [];
  /** How the server closed it. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  #attachment: unknown;

  send(frame: string): void {
    this.sent.push(frame);
  }

  close(code: number, reason: string): void {
    if (this.readyState !== 1) throw new Error("closed already");
    this.readyState = 3;
    this.closed = { code, reason };
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }
}

/** Has Node answer upgrades as workerd does; undoes that when it is called. */
export function installSockets(): () => void {
  const platform = globalThis as unknown as Record<string, unknown>;
  const before = Object.fromEntries(
    ["WebSocketPair", "WebSocketRequestResponsePair", "Response"].map((name) => [name, platform[name]]),
  );
  const NodeResponse = Response;
  Object.assign(platform, {
    WebSocketPair: function () {
      const server = new FakeSocket();
      return { 0: server, 1: server };
    },
    WebSocketRequestResponsePair: function () {},
    // Node's knows no 101.
    Response: class extends NodeResponse {
      constructor(body: BodyInit | null, init: ResponseInit & { readonly webSocket?: FakeSocket } = {}) {
        super(body, { ...init, status: init.webSocket === undefined ? (init.status ?? 200) : 200 });
        Object.assign(this, { webSocket: init.webSocket });
      }
    },
  });
  return () => void Object.assign(platform, before);
}

const noRoom = (): RoomPort => ({
  join: async () => true,
  memberLeaves: async () => true,
  broadcastFrame: async () => 0,
});

const noUser = (): UserPort => ({
  deliverFrames: async () => 0,
  leftRoom: async () => {},
  wasPutOut: async () => {},
});

/** A user's object over storage and sockets that outlive it. */
export class FakeObject<State extends object> {
  storage = memoryStorage();
  /** The sockets accepted, the newest first, as workerd tells of them. */
  sockets: FakeSocket[] = [];
  readonly #definition: Connection<ConnectionMeta, never, State>;
  readonly #room: (name: string) => RoomPort;
  #awake: Promise<UserConnection<ConnectionMeta, never, State, undefined>> | undefined;

  constructor(
    definition: Connection<ConnectionMeta, never, State>,
    room: (name: string) => RoomPort = noRoom,
  ) {
    this.#definition = definition;
    this.#room = room;
  }

  /** The object, woken if it sleeps. */
  awake(): Promise<UserConnection<ConnectionMeta, never, State, undefined>> {
    return (this.#awake ??= this.#wake());
  }

  async #wake(): Promise<UserConnection<ConnectionMeta, never, State, undefined>> {
    // What goes on in an object that has crashed reaches nothing any more.
    const { sockets, storage } = this;
    const state = {
      storage,
      getWebSockets: () => sockets.filter(({ readyState }) => readyState === 1),
      acceptWebSocket: (socket: FakeSocket) => void sockets.unshift(socket),
      setWebSocketAutoResponse() {},
    };
    const actor = {
      joinRoom: async (name: string, metadata?: object) => (await this.awake()).joinRoom(name, metadata),
      leaveRoom: async (name: string) => (await this.awake()).leaveRoom(name),
      destroy: async () => (await this.awake()).destroy(),
      getUserId: () => "ada",
      getStorage: () => storage,
    };
    const around = { userId: "ada", state, env: {}, actor, room: this.#room, user: noUser };
    const surroundings = around as unknown as ConnectionSurroundings<never>;
    const connection = await UserConnection.open(this.#definition, surroundings);
    connection.wake();
    return connection;
  }

  /** The object leaves memory; sockets and storage stay. */
  async hibernate(): Promise<void> {
    await this.storage.sync();
    this.#end();
  }

  /** The object's process ends, and its sockets with it. */
  crash(): void {
    this.#end();
    for (const socket of this.sockets) socket.readyState = 3;
    this.sockets = [];
  }

  #end(): void {
    this.#awake = undefined;
    this.storage = this.storage.restart();
  }

  /** Asks for a socket; `undefined` where it is refused. */
  async connect(): Promise<FakeSocket | undefined> {
    const connection = await this.awake();
    const upgrade = new Request("https://test/ws", { headers: { Upgrade: "websocket" } });
    const { webSocket } = (await connection.accept(upgrade)) as { readonly webSocket?: unknown };
    return webSocket as FakeSocket | undefined;
  }
}
