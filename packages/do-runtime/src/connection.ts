// The life of one user's object: sockets come, speak, hibernate, are replaced and go; state and membership stay.
import { readAttachment, writeAttachment } from "./attachment.ts";
import { CLOSE_ERROR, CLOSE_NORMAL, CLOSE_POLICY, closeSocket } from "./close.ts";
import { DESTROYED, REPLACED } from "./close-reasons.ts";
import type { Contract } from "./contract.ts";
import {
  type Connection,
  type ConnectionActor,
  type ConnectionContext,
  type ConnectionMeta,
  type ObjectContext,
  storeOptions,
} from "./definition.ts";
import { encode } from "./emit.ts";
import { Failures, Hearer } from "./failures.ts";
import { Handling, sendError, type SessionOf } from "./handling.ts";
import type { InspectedObject } from "./inspect.ts";
import { Memberships } from "./memberships.ts";
import { isOpen, sendNow } from "./outbox.ts";
import type { Flush } from "./persister.ts";
import { Pace } from "./pace.ts";
import type { RoomPort, UserPort } from "./ports.ts";
import { parseClientFrame, PING, PONG } from "./protocol.ts";
import { refusal, refuseRequest } from "./refusal.ts";
import { askForMeta, handedOverMeta } from "./route.ts";
import { Session } from "./session.ts";
import { openStore, type OpenStore } from "./store.ts";

/** What a message that waits takes beside its text, about 1 KB, in UTF-16 units. */
const MESSAGE_LENGTH = 512;

/** A ping fits in, and is answered though handlers are busy. */
const SHORT_LENGTH = 64;

const done = Promise.resolve();

/** What a user's connection needs of its object. */
export interface ConnectionSurroundings<Env> {
  /** Undefined where the object was reached by an id without a name. */
  readonly userId: string | undefined;
  readonly state: DurableObjectState;
  readonly env: Env;
  readonly actor: ConnectionActor;
  readonly room: (name: string) => RoomPort;
  readonly user: (userId: string) => UserPort;
  /** Hears of every write of the state. */
  readonly onFlush?: ((flush: Flush) => void) | undefined;
}

/** One user's connection, whatever the class of its object adds to it. */
export class UserConnection<
  Meta extends ConnectionMeta,
  Env,
  State extends object,
  C extends Contract | undefined,
> implements UserPort {
  readonly #definition: Connection<Meta, Env, State, C>;
  readonly #around: ConnectionSurroundings<Env>;
  readonly #store: OpenStore<State>;
  readonly #handling: Handling<Meta, Env, State, C>;
  readonly #pace: Pace;
  readonly #failures: Failures;
  readonly #memberships: Memberships;
  readonly #sessions = new Map<WebSocket, SessionOf<Meta, Env, State, C>>();
  #userId: string | undefined;
  /** Another object after each end: also sockets that have closed, or were replaced, may have messages in line. */
  #life = {};
  /** While the object is being destroyed: then no socket is let in, and so nobody joins a room. */
  #isEnding = false;

  private constructor(
    definition: Connection<Meta, Env, State, C>,
    around: ConnectionSurroundings<Env>,
    store: OpenStore<State>,
    { pace, failures }: { readonly pace: Pace; readonly failures: Failures },
  ) {
    this.#pace = pace;
    this.#failures = failures;
    this.#definition = definition;
    this.#around = around;
    this.#store = store;
    this.#userId = around.userId;
    const { actor, env, room, user } = around;
    this.#handling = new Handling({
      definition,
      store,
      failures,
      sessions: this.#sessions,
      actor,
      env,
      userId: () => this.#userId,
      room,
      user,
    });
    this.#memberships = new Memberships({
      storage: around.state.storage,
      userId: () => this.userId ?? "",
      isConnected: () => this.isConnected,
      room: around.room,
      onError: this.#handling.report,
    });
    for (const ws of around.state.getWebSockets()) this.#restore(ws);
  }

  /** Restores state, memberships and hibernated sockets. */
  static async open<Meta extends ConnectionMeta, Env, State extends object, C extends Contract | undefined>(
    definition: Connection<Meta, Env, State, C>,
    around: ConnectionSurroundings<Env>,
  ): Promise<UserConnection<Meta, Env, State, C>> {
    const { onFlush } = around;
    const pace = new Pace();
    const failures = new Failures();
    const given = storeOptions<State>(definition);
    const options = {
      ...given,
      schedule: pace.schedule,
      ...(onFlush && { onFlush }),
    };
    const store = await openStore(around.state.storage, options, failures);
    const connection = new UserConnection(definition, around, store, { pace, failures });
    await connection.#memberships.load();
    return connection;
  }

  /** To be called once the object can be called: `onHibernationRestore` gets it, and the handlers of all sockets wait for its end. */
  wake(): void {
    const restored = this.#restored();
    for (const session of this.#sessions.values()) void session.enqueue(() => restored);
  }

  async #restored(): Promise<void> {
    try {
      if (this.isConnected) await this.#definition.onHibernationRestore?.(this.#around.actor);
    } catch (error) {
      // Else the object could not wake, and its sockets would break.
      this.#handling.report(error);
    }
  }

  get state(): State {
    return this.#store.state;
  }

  get userId(): string | undefined {
    return this.#userId;
  }

  get isConnected(): boolean {
    // A handler may have closed a socket whose client doesn't answer that.
    return this.#sessions.keys().some(isOpen);
  }

  get rooms(): string[] {
    return this.#memberships.names;
  }

  /** What an inspector may look at. */
  inspected(name: string): InspectedObject {
    const { persistedKeys = [] } = this.#definition;
    return {
      name,
      userId: this.#userId,
      sockets: this.#sessions.size,
      persistedKeys,
      store: this.#store,
    };
  }

  /** Answers an upgrade; refuses everything else before anything is touched. */
  async accept(request: Request): Promise<Response> {
    const { settings } = this.#definition;
    const refused = refuseRequest(request, settings.websocketPath);
    if (refused !== undefined) return refused;

    const { 0: client, 1: server } = new WebSocketPair();
    try {
      const meta =
        (await handedOverMeta(request)) ?? (await askForMeta(this.#definition, request, this.#userId));
      if (this.#isEnding) throw new Response("The object is being destroyed.", { status: 503 });
      // Later than all others, whatever the clock says: who is replaced must be the same after hibernation.
      const times = this.#sessions.values().map(({ connectedAt }) => connectedAt + 1);
      // Before the socket is accepted: one that is refused must not have replaced another.
      writeAttachment(server, { meta, connectedAt: Math.max(Date.now(), ...times), ended: false });
      // An object reached by an id without a name is its first user's, as long as it is in memory.
      if ((this.#userId ??= meta.userId) !== meta.userId) {
        const message = `This object belongs to another user. The Worker chose the object of "${this.#userId}".`;
        throw new Response(message, { status: 403 });
      }
    } catch (thrown) {
      return refusal(thrown);
    }

    const { state } = this.#around;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    state.acceptWebSocket(server);
    const isFirst = !this.isConnected;
    // From the attachment, as after hibernation: what extractMeta returned may be in use elsewhere.
    const session = this.#restore(server);
    await session?.enqueue(() => this.#connect(session, isFirst));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** A socket received something. */
  receive(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const session = this.#sessions.get(ws);
    if (session === undefined) return done;
    const { maxMessageBytes, maxQueuedLength } = this.#definition.settings;
    const text = typeof message === "string" ? message : "";
    // Parsed, a message can take twenty times its text's memory: a long one waits as text.
    const frame =
      session.isBusy && text.length > SHORT_LENGTH ? undefined : parseClientFrame(message, maxMessageBytes);
    if (frame?.kind === "ping") {
      sendNow(ws, PONG);
      return done;
    }
    this.#pace.countMessage();
    const length = MESSAGE_LENGTH + text.length;
    if (session.isBusy && session.queuedLength + length > maxQueuedLength) {
      sendError(ws, "TOO_MANY_MESSAGES", "More messages wait than this connection holds.");
      return this.closed(ws, CLOSE_POLICY, "Too many messages waiting");
    }
    return session.enqueueMessage(length, () =>
      this.#handling.handle(session, frame ?? parseClientFrame(text, maxMessageBytes)),
    );
  }

  /** A socket closed, or broke. */
  async closed(ws: WebSocket, code: number, reason: string): Promise<void> {
    closeSocket(ws, code, reason);
    // A socket whose close wakes the object is in no list of open ones any more; it still has its attachment.
    const session = this.#sessions.get(ws) ?? this.#restore(ws);
    if (session === undefined) return;
    this.#sessions.delete(ws);
    // A break can be followed by a close: only the first counts.
    session.end();
    // Now, not after the handlers that still wait: a newer socket's joins must come after it.
    const left = this.isConnected ? undefined : this.#memberships.leaveAll();
    await session.enqueue(async () => {
      await this.#handling.guard(session, undefined, () => this.#definition.onDisconnect?.(session.context));
    });
    await left;
  }

  async deliverFrames(frames: readonly string[]): Promise<number> {
    return [...this.#sessions.keys()].filter((ws) => frames.every((frame) => sendNow(ws, frame))).length;
  }

  async leftRoom(name: string): Promise<void> {
    this.#memberships.leftRoom(name);
  }

  wasPutOut(name: string): Promise<void> {
    return this.#memberships.rejoin([name]);
  }

  async deliver(event: string, data?: unknown): Promise<number> {
    return this.#handling.toAll(encode(event, data));
  }

  joinRoom(name: string, metadata: object = {}): Promise<boolean> {
    return this.#memberships.join(name, metadata);
  }

  leaveRoom(name: string): Promise<void> {
    return this.#memberships.leave(name);
  }

  /** Runs what the class of the object has of its own. */
  async run<Result>(fn: (ctx: ObjectContext<Env, State, C>) => Result | Promise<Result>): Promise<Result> {
    const hearer = new Hearer(this.#failures);
    const result = await fn(this.#handling.createObjectContext(hearer));
    return this.#handling.pass(hearer, () => result);
  }

  async destroy(): Promise<void> {
    // Who waits for the end may be what the end waits for.
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#life = {};
    for (const session of this.#sessions.values()) this.#drop(session, CLOSE_NORMAL, DESTROYED);
    const left = this.#memberships.forget();
    try {
      await this.#definition.onDestroy?.(this.#handling.createObjectContext(new Hearer(this.#failures)));
      await this.#store.erase();
    } finally {
      this.#isEnding = false;
    }
    // At last: a room's onLeave may call this again, and wait.
    await left;
  }

  /** From now on nothing that the socket does counts. */
  #drop(session: SessionOf<Meta, Env, State, C>, code: number, reason: string): void {
    this.#sessions.delete(session.ws);
    session.end();
    closeSocket(session.ws, code, reason);
  }

  #restore(ws: WebSocket): SessionOf<Meta, Env, State, C> | undefined {
    const attachment = readAttachment(ws);
    if (attachment === undefined || attachment.ended) return undefined;
    this.#userId ??= attachment.meta.userId;
    const life = this.#life;
    const session = new Session<ConnectionContext<Meta, Env, State, C>>(ws, attachment, {
      hearer: new Hearer(this.#failures),
      createContext: (session) => this.#handling.createContext(session),
      onMetaChange: this.#handling.onMetaChange,
      isDropped: () => life !== this.#life,
    });
    this.#sessions.set(ws, session);
    return session;
  }

  /** Not before the newer one is connected: it may fail. */
  #replaceOldest({ connectedAt }: SessionOf<Meta, Env, State, C>): void {
    // Those before all others that are closing, whose clients may never answer that.
    const sessions = [...this.#sessions.values()]
      .filter((other) => other.connectedAt <= connectedAt)
      .toSorted((a, b) => b.ws.readyState - a.ws.readyState || a.connectedAt - b.connectedAt);
    const { maxSockets } = this.#definition.settings;
    for (const session of sessions.splice(0, sessions.length - maxSockets))
      this.#drop(session, CLOSE_NORMAL, REPLACED);
  }

  async #connect(session: SessionOf<Meta, Env, State, C>, isFirst: boolean): Promise<void> {
    if (isFirst) await this.#memberships.rejoin();
    const connected = await this.#handling.guard(session, undefined, async () => {
      await this.#definition.onConnect?.(session.context);
      // The Response tells the client that it is connected: not before what onConnect changed is stored.
      await this.#handling.pass(session.hearer, () => {});
    });
    if (connected) {
      this.#replaceOldest(session);
      return;
    }
    // Its client may have gone already: nobody has disconnected who never was connected.
    session.isDropped = () => true;
    this.#drop(session, CLOSE_ERROR, "onConnect failed");
    if (!this.isConnected) await this.#memberships.leaveAll();
  }
}
