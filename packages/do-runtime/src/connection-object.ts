// The Durable Object class of users' connections.
import { type DurableObject, env as workerEnv } from "#cloudflare";
import { namespaceOf } from "./bindings.ts";
import { UserConnection } from "./connection.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Contract } from "./contract.ts";
import {
  type Connection,
  type ConnectionActor,
  type ConnectionMeta,
  invalidDefinition,
  type ObjectContext,
} from "./definition.ts";
import { isDoubtful } from "./definition-doubt.ts";
import { describe } from "./errors.ts";
import type { Inspector } from "./inspect.ts";
import { linkToRoom, linkToUser } from "./links.ts";
import { identify, userObjectName } from "./object-names.ts";
import type { ClassOf, Promised, StubOf, UserPort } from "./ports.ts";
import { refusal, refuseRequest } from "./refusal.ts";
import type { Room } from "./room.ts";
import { ROOM, RoomRpcObject } from "./room-rpc.ts";
import { askForMeta, handOver } from "./route.ts";

/** A user's object, as other Workers call it: a `DurableObjectStub` with the calls of `ConnectionActor`, and the methods of `Own`, a class of one's own that extends the connection's. */
export type ConnectionStub<Own = unknown, C extends Contract | undefined = undefined> = StubOf<
  Promised<ConnectionActor<C>>,
  Own
>;

/** A user's object, as a class that extends it sees it. */
export interface ConnectionObject<
  Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
>
  extends DurableObject<Env>, ConnectionActor<C> {
  fetch(request: Request): Promise<Response>;
  /**
   * Runs `fn` with the object's state, in an alarm or a method of the class's own. Resolves to what `fn` returns when all that it has changed is
   * stored, and rejects with what it throws, or with the `PersistError` of what can't be stored. A stub has no `run`: what `fn` gets can't cross by RPC.
   *
   * @example
   * export class UserConnection extends createConnectionHandler(connection) {
   *   override alarm() {
   *     return this.run((ctx) => {
   *       ctx.state.reminders++;
   *       ctx.emit.emit("reminder"); // to every socket of the user
   *     });
   *   }
   * }
   */
  run<Result>(fn: (ctx: ObjectContext<Env, State, C>) => Result | Promise<Result>): Promise<Result>;
}

/** A Durable Object class for users' connections, to be exported from the Worker. */
export interface ConnectionClass<
  Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
> {
  new (state: DurableObjectState, env: Env): ConnectionObject<Env, State, C>;
  /** The object of a user. */
  get<Own>(this: ClassOf<Own>, userId: string): ConnectionStub<Own, C>;
  /**
   * Opens the socket: asks `extractMeta` once who connects, and passes the request on to that user's object. Resolves to undefined for
   * requests that aren't to `websocketPath`; rejects where that object fails.
   */
  route(request: Request): Promise<Response | undefined>;
}

/** What the objects of all definitions do; one class, so that what is compiled for one of them serves all. */
class ConnectionDurableObject<
  Meta extends ConnectionMeta,
  Env,
  State extends object,
  C extends Contract | undefined,
>
  extends RoomRpcObject<Env>
  implements ConnectionObject<Env, State, C>, UserPort
{
  readonly #definition: Connection<Meta, Env, State, C>;
  #opened: UserConnection<Meta, Env, State, C> | Room<Env, object> | undefined;
  #inspector: Inspector | undefined;

  constructor(state: DurableObjectState, env: Env, definition: Connection<Meta, Env, State, C>) {
    super(state, env);
    this.#definition = definition;
    // Whatever wakes the object (a request, a message on a hibernated socket, a call) finds its state restored.
    void state.blockConcurrencyWhile(() => this.#open());
  }

  async #open(): Promise<void> {
    const { env, ctx: state } = this;
    const { settings } = this.#definition;
    const { connectionBinding } = settings;
    if (isDoubtful(this.#definition)) {
      const { checkDefinition, CONNECTION_OPTIONS } = await import("./definition-check.ts");
      checkDefinition(this.#definition, CONNECTION_OPTIONS);
    }
    const identity = state.id.name === undefined ? undefined : identify(state.id.name);
    const user = (userId: string): UserPort => linkToUser(env, connectionBinding, userId);
    if (settings.inspectPath !== undefined) {
      // A chunk of its own: who doesn't inspect doesn't load it.
      const { Inspector } = await import("./inspect.ts");
      this.#inspector = new Inspector();
    }
    const onFlush = this.#inspector?.onFlush;
    if (identity?.kind === "room") {
      // A chunk of its own: users' objects don't load it.
      const { Room } = await import("./room.ts");
      const { checkOwnMethods } = await import("./definition-check.ts");
      checkOwnMethods(this, RoomRpcObject.prototype);
      const definition = { name: settings.name, connectionBinding };
      this.#opened = await Room.open<Env, object>(definition, {
        name: identity.room,
        env,
        storage: state.storage,
        user,
        onFlush,
      });
      return;
    }
    const opened = await UserConnection.open(this.#definition, {
      userId: identity?.userId,
      state,
      env,
      actor: this,
      room: (name) => linkToRoom(env, settings, name),
      user,
      onFlush,
    });
    this.#opened = opened;
    // Not awaited: what it calls may call this object, which is not answered before this is over.
    opened.wake();
  }

  #connection(): UserConnection<Meta, Env, State, C> {
    if (this.#opened instanceof UserConnection) return this.#opened;
    throw new ConnectionError(
      "NOT_A_CONNECTION",
      "this is a room's object; users' objects are reached by get(userId)",
    );
  }

  protected override [ROOM](): Room<Env, object> {
    const opened = this.#opened;
    if (opened !== undefined && !(opened instanceof UserConnection)) return opened;
    throw new ConnectionError(
      "NOT_A_ROOM",
      `this is a user's object; a room without a binding of its own is reached as env.${this.#definition.settings.connectionBinding}.getByName("room:<name>")`,
    );
  }

  override async fetch(request: Request): Promise<Response> {
    const opened = this.#opened;
    const definition = this.#definition;
    const { settings } = definition;
    const inspector = new URL(request.url).pathname === settings.inspectPath ? this.#inspector : undefined;
    if (inspector !== undefined && opened !== undefined) {
      const isAllowed = () => definition.inspectGuard?.(request, this.env) ?? false;
      return inspector.answer(request, isAllowed, () => opened.inspected(settings.name));
    }
    if (!(opened instanceof UserConnection))
      return new Response("A room has no socket of its own.", { status: 404 });
    return opened.accept(request);
  }

  override webSocketMessage(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    return this.#connection().receive(ws, message);
  }

  override async webSocketClose(ws: WebSocket, code: number, reason: string): Promise<void> {
    await this.#connection().closed(ws, code, reason);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    await this.#connection().closed(ws, 1011, "");
  }

  // No method: what `fn` gets can't cross to another object, and so nothing is to call it by RPC.
  readonly run: ConnectionObject<Env, State, C>["run"] = (fn) => this.#connection().run(fn);

  getStorage(): DurableObjectStorage {
    return this.ctx.storage;
  }

  joinRoom(name: string, metadata?: object): Promise<boolean> {
    return this.#connection().joinRoom(name, metadata);
  }

  leaveRoom(name: string): Promise<void> {
    return this.#connection().leaveRoom(name);
  }

  getRooms(): string[] {
    return this.#connection().rooms;
  }

  deliverMessage(event: string, data?: unknown): Promise<number> {
    return this.#connection().deliver(event, data);
  }

  getUserId(): string | undefined {
    return this.#connection().userId;
  }

  isConnected(): boolean {
    return this.#connection().isConnected;
  }

  isStateReady(): boolean {
    return this.#opened !== undefined;
  }

  destroy(): Promise<void> {
    return (this.#opened ?? this.#connection()).destroy();
  }

  deliverFrames(frames: readonly string[]): Promise<number> {
    return this.#connection().deliverFrames(frames);
  }

  leftRoom(name: string): Promise<void> {
    return this.#connection().leftRoom(name);
  }

  wasPutOut(name: string): Promise<void> {
    return this.#connection().wasPutOut(name);
  }
}

/**
 * Makes the Durable Object class of a definition.
 *
 * Its objects are users' connections, named by the user's id, and, for rooms without a binding of their own, rooms, named `room:<name>`.
 *
 * @example
 * export const UserConnection = createConnectionHandler(connection);
 *
 * export default {
 *   async fetch(request) {
 *     return (await UserConnection.route(request)) ?? new Response("Not found", { status: 404 });
 *   },
 * } satisfies ExportedHandler<Env>;
 */
export function createConnectionHandler<
  Meta extends ConnectionMeta,
  Env,
  State extends object,
  C extends Contract | undefined = undefined,
>(connection: Connection<Meta, Env, State, C>): ConnectionClass<Env, State, C> {
  const settings = (connection as Partial<typeof connection> | undefined)?.settings;
  if (settings === undefined) {
    throw invalidDefinition(
      `createConnectionHandler() was given ${describe(connection)}; give what defineConnection() returns`,
    );
  }
  const { connectionBinding } = settings;

  return class extends ConnectionDurableObject<Meta, Env, State, C> {
    static get<Own>(this: ClassOf<Own>, userId: string): ConnectionStub<Own, C> {
      const namespace = namespaceOf(workerEnv, connectionBinding, `"${settings.name}"`);
      return namespace.getByName(userObjectName(userId)) as unknown as ConnectionStub<Own, C>;
    }

    static async route(request: Request): Promise<Response | undefined> {
      if (new URL(request.url).pathname !== settings.websocketPath) return undefined;
      const refused = refuseRequest(request, settings.websocketPath);
      if (refused !== undefined) return refused;
      try {
        const meta = await askForMeta(connection, request);
        // Not awaited here: what the object fails with is no refusal, and the Worker's to hear.
        return this.get(meta.userId).fetch(await handOver(request, meta));
      } catch (thrown) {
        return refusal(thrown);
      }
    }

    constructor(state: DurableObjectState, env: Env) {
      super(state, env, connection);
    }
  };
}
