// The life of one user's object: sockets come, speak, hibernate, are replaced and go; state and membership stay.
import { type Attachment, isMeta, readAttachment, writeAttachment } from "./attachment.ts";
import { CLOSE_ERROR, CLOSE_NORMAL, CLOSE_POLICY, closeSocket } from "./close.ts";
import { DESTROYED, REPLACED } from "./close-reasons.ts";
import { ConnectionError } from "./connection-error.ts";
import { type Contract, type Schema, validate } from "./contract.ts";
import {
  type Connection,
  type ConnectionActor,
  type ConnectionContext,
  type ConnectionMeta,
  type Emit,
  type ObjectContext,
  storeOptions,
} from "./definition.ts";
import { createEmit, encode, type Routes } from "./emit.ts";
import { PersistError, toError } from "./errors.ts";
import { Failures, Hearer } from "./failures.ts";
import type { InspectedObject } from "./inspect.ts";
import { Memberships } from "./memberships.ts";
import { Outbox, sendNow } from "./outbox.ts";
import type { Flush } from "./persister.ts";
import { Pace } from "./pace.ts";
import type { RoomPort, UserPort } from "./ports.ts";
import {
  type ClientFrame,
  encodeError,
  type ErrorFrameCode,
  parseClientFrame,
  PING,
  PONG,
} from "./protocol.ts";
import { refusal, refuseRequest } from "./refusal.ts";
import { handedOverMeta } from "./route.ts";
import { Session } from "./session.ts";
import { openStore, type OpenStore } from "./store.ts";

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
  readonly onFlush?: (flush: Flush) => void;
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
  readonly #outbox: Outbox;
  readonly #pace: Pace;
  readonly #failures: Failures;
  readonly #memberships: Memberships;
  readonly #sessions = new Map<WebSocket, Session<ConnectionContext<Meta, Env, State, C>>>();
  readonly #changedMeta = new Set<Session<ConnectionContext<Meta, Env, State, C>>>();
  /** A break can be followed by a close: only the first counts. */
  readonly #closed = new WeakSet<WebSocket>();
  /** Failures that onError has heard of: one failed commit rejects every reply that waited for it. */
  readonly #reported = new WeakSet<Error>();
  #userId: string | undefined;

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
    this.#outbox = new Outbox(() => this.#gate(), this.#report);
    this.#memberships = new Memberships({
      storage: around.state.storage,
      userId: () => this.userId ?? "",
      isConnected: () => this.isConnected,
      room: around.room,
      onError: this.#report,
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
    const { onPersistError = logPersistError } = given;
    const options = {
      ...given,
      schedule: pace.schedule,
      onPersistError(key: string, error: PersistError) {
        if (given.persistOptions?.throwOnError !== false) failures.note(error);
        onPersistError(key, error);
      },
      ...(onFlush && { onFlush }),
    };
    const store = await openStore(around.state.storage, options);
    const connection = new UserConnection(definition, around, store, { pace, failures });
    await connection.#memberships.load();
    return connection;
  }

  /** To be called once the object can be called: `onHibernationRestore` gets it. */
  async wake(): Promise<void> {
    if (this.isConnected) await this.#definition.onHibernationRestore?.(this.#around.actor);
  }

  get state(): State {
    return this.#store.state;
  }

  get userId(): string | undefined {
    return this.#userId;
  }

  get isConnected(): boolean {
    return this.#sessions.size > 0;
  }

  get rooms(): string[] {
    return this.#memberships.names;
  }

  /** What an inspector may look at. */
  get inspected(): InspectedObject {
    const { settings, persistedKeys = [] } = this.#definition;
    return {
      name: settings.name,
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

    let attachment: Attachment;
    const { 0: client, 1: server } = new WebSocketPair();
    try {
      attachment = { meta: await this.#identify(request), connectedAt: Date.now(), ended: false };
      // Before the socket is accepted: one that is refused must not have replaced another.
      writeAttachment(server, attachment);
    } catch (thrown) {
      return refusal(thrown);
    }

    const { state } = this.#around;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    state.acceptWebSocket(server);
    const isFirst = !this.isConnected;
    this.#userId ??= attachment.meta.userId;
    const session = this.#adopt(server, attachment);
    this.#replaceOldest(settings.maxSockets);
    await session.enqueue(() => this.#connect(session, isFirst));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** A socket received something. */
  async receive(ws: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const session = this.#sessions.get(ws);
    if (session === undefined) return;
    const frame = parseClientFrame(message, this.#definition.settings.maxMessageBytes);
    if (frame.kind === "ping") {
      sendNow(ws, PONG);
      return;
    }
    this.#pace.countMessage();
    const length = typeof message === "string" ? message.length : 0;
    if (session.queuedLength + length > this.#definition.settings.maxQueuedLength && session.isBusy) {
      sendError(ws, "TOO_MANY_MESSAGES", "More messages wait than this connection holds.");
      closeSocket(ws, CLOSE_POLICY, "Too many messages waiting");
      await this.closed(ws, CLOSE_POLICY, "");
      return;
    }
    await session.enqueueMessage(length, () => this.#handle(session, frame));
  }

  /** A socket closed, or broke. */
  async closed(ws: WebSocket, code: number, reason: string): Promise<void> {
    closeSocket(ws, code, reason);
    if (this.#closed.has(ws)) return;
    this.#closed.add(ws);
    // A socket whose close wakes the object is in no list of open ones any more; it still has its attachment.
    const session = this.#sessions.get(ws) ?? this.#restore(ws);
    if (session === undefined) return;
    this.#sessions.delete(ws);
    // Now, not after the handlers that still wait: a newer socket's joins must come after it.
    const left = this.isConnected ? undefined : this.#memberships.leaveAll();
    await session.enqueue(async () => {
      await this.#guard(session, undefined, () => this.#definition.onDisconnect?.(session.context));
      session.stopFollowing();
    });
    await left;
  }

  async deliverFrames(frames: readonly string[]): Promise<number> {
    for (const ws of this.#sessions.keys()) {
      for (const frame of frames) sendNow(ws, frame);
    }
    return this.#sessions.size;
  }

  async leftRoom(name: string): Promise<void> {
    this.#memberships.removed(name);
  }

  wasPutOut(name: string): Promise<void> {
    return this.#memberships.rejoin(name);
  }

  async deliver(event: string, data?: unknown): Promise<number> {
    return this.#toAll(encode(event, data));
  }

  joinRoom(name: string, metadata: object = {}): Promise<boolean> {
    return this.#memberships.join(name, metadata);
  }

  leaveRoom(name: string): Promise<void> {
    return this.#memberships.leave(name);
  }

  async destroy(): Promise<void> {
    await this.#memberships.leaveAll();
    // After the rooms were left: a socket may have come meanwhile.
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) {
      session.end();
      closeSocket(session.ws, CLOSE_NORMAL, DESTROYED);
    }
    const { actor, env } = this.#around;
    const context: ObjectContext<Env, State, C> = {
      actor,
      env,
      state: this.state,
      emit: this.#createEmit((frame) => this.#toAll(frame).then((sockets) => sockets > 0)),
      flush: () => this.#flush(),
      transaction: (fn) => this.#store.transaction(fn),
    };
    await this.#definition.onDestroy?.(context);
    await this.#store.erase();
  }

  /** Everything that leaves the object waits for this. */
  ready(): Promise<void> | undefined {
    return this.#outbox.ready();
  }

  async #identify(request: Request): Promise<ConnectionMeta> {
    // An object reached by an id without a name is its first user's, as long as it is in memory.
    const userId = this.#userId;
    const handedOver = await handedOverMeta(request);
    if (handedOver === undefined && this.#definition.extractMeta === undefined) {
      return { userId: userId ?? crypto.randomUUID(), clientId: crypto.randomUUID(), channels: ["default"] };
    }
    const meta: unknown = handedOver ?? (await this.#definition.extractMeta?.(request));
    if (!isMeta(meta)) {
      throw new ConnectionError(
        "INVALID_META",
        `extractMeta of "${this.#definition.settings.name}" returned ${JSON.stringify(meta)}; return at least { userId: string } with an id that is not empty`,
      );
    }
    if (userId !== undefined && meta.userId !== userId) {
      throw new Response(`This object belongs to another user. The Worker chose the object of "${userId}".`, {
        status: 403,
      });
    }
    return meta;
  }

  #restore(ws: WebSocket): Session<ConnectionContext<Meta, Env, State, C>> | undefined {
    const attachment = readAttachment(ws);
    if (attachment === undefined || attachment.ended) return undefined;
    this.#userId ??= attachment.meta.userId;
    return this.#adopt(ws, attachment);
  }

  #adopt(ws: WebSocket, attachment: Attachment): Session<ConnectionContext<Meta, Env, State, C>> {
    const session = new Session<ConnectionContext<Meta, Env, State, C>>(ws, attachment, {
      hearer: new Hearer(this.#failures),
      createContext: (session) => this.#createContext(session),
      onMetaChange: this.#onMetaChange,
    });
    this.#sessions.set(ws, session);
    return session;
  }

  #replaceOldest(maxSockets: number): void {
    const sessions = [...this.#sessions.values()].toSorted((a, b) => a.connectedAt - b.connectedAt);
    for (const session of sessions.slice(0, Math.max(0, sessions.length - maxSockets))) {
      this.#sessions.delete(session.ws);
      session.end();
      closeSocket(session.ws, CLOSE_NORMAL, REPLACED);
    }
  }

  async #connect(session: Session<ConnectionContext<Meta, Env, State, C>>, isFirst: boolean): Promise<void> {
    if (isFirst) await this.#memberships.rejoin();
    const connected = await this.#guard(session, undefined, async () => {
      await this.#definition.onConnect?.(session.context);
      // The Response tells the client that it is connected: not before what onConnect changed is stored.
      await this.ready();
    });
    if (connected) return;
    closeSocket(session.ws, CLOSE_ERROR, "onConnect failed");
    this.#sessions.delete(session.ws);
    session.end();
    if (!this.isConnected) await this.#memberships.leaveAll();
  }

  async #handle(session: Session<ConnectionContext<Meta, Env, State, C>>, frame: ClientFrame): Promise<void> {
    if (frame.kind === "refused") sendError(session.ws, frame.code, frame.message);
    if (frame.kind !== "event") return;
    const { event, channel } = frame;
    let { data } = frame;
    const { context } = session;
    const handler = this.#definition.handlers.get(event);
    if (handler === undefined && this.#definition.onMessage === undefined) {
      sendError(session.ws, "UNKNOWN_EVENT", "There is no such event.", event);
      return;
    }
    await this.#guard(session, event, async () => {
      const schema = this.#schemaOf(event);
      if (schema !== undefined) {
        const result = await validate(schema, data);
        if (!result.ok) {
          sendError(session.ws, "PAYLOAD_REFUSED", result.message, event);
          return;
        }
        data = result.value;
      }
      if (handler === undefined) await this.#definition.onMessage?.(context, { type: event, data, channel });
      else await handler(context, data);
      // A handler that sent nothing hears of a failed write here. Not awaited: with "group" the next message joins the same commit.
      session.hearer.finish(
        () => this.ready(),
        (error) => this.#fail(session, event, error),
      );
    });
  }

  #schemaOf(event: string): Schema | undefined {
    const client = this.#definition.events?.client;
    return client !== undefined && Object.hasOwn(client, event) ? client[event] : undefined;
  }

  /** Runs what the user wrote; resolves to whether it went well. */
  async #guard(
    session: Session<ConnectionContext<Meta, Env, State, C>>,
    event: string | undefined,
    run: () => unknown,
  ): Promise<boolean> {
    session.hearer.catchUp();
    try {
      await run();
      return true;
    } catch (error) {
      this.#fail(session, event, error);
      return false;
    }
  }

  #fail(
    session: Session<ConnectionContext<Meta, Env, State, C>>,
    event: string | undefined,
    thrown: unknown,
  ): void {
    const error = toError(thrown);
    if (error instanceof PersistError) {
      session.hearer.catchUp();
      sendError(session.ws, "NOT_SAVED", "The change could not be stored.", event);
    } else sendError(session.ws, "HANDLER_FAILED", `The handler failed.`, event);
    this.#report(error, session.context);
  }

  readonly #report = (thrown: unknown, context?: ConnectionContext<Meta, Env, State, C>): void => {
    const error = toError(thrown);
    if (this.#reported.has(error)) return;
    this.#reported.add(error);
    const { onError } = this.#definition;
    const heard = context ?? this.#sessions.values().next().value?.context;
    if (onError === undefined || heard === undefined) {
      console.error(error);
      return;
    }
    try {
      const result: unknown = onError.call(this.#definition, error, heard);
      if (result instanceof Promise) result.catch((failure: unknown) => console.error(failure));
    } catch (failure) {
      console.error(failure);
    }
  };

  /** Both that have to be written before anything is told: metadata into attachments, state into storage. */
  #gate(): Promise<void> | undefined {
    if (this.#changedMeta.size > 0) this.#saveMeta();
    return this.#store.beforeSend();
  }

  #saveMeta(): void {
    for (const session of this.#changedMeta) {
      this.#changedMeta.delete(session);
      if (this.#sessions.get(session.ws) === session) session.saveMeta();
    }
  }

  readonly #onMetaChange = (session: Session<ConnectionContext<Meta, Env, State, C>>): void => {
    if (this.#changedMeta.size === 0) {
      queueMicrotask(() => {
        try {
          this.#saveMeta();
        } catch (error) {
          this.#fail(session, undefined, error);
        }
      });
    }
    this.#changedMeta.add(session);
  };

  async #flush(): Promise<void> {
    this.#saveMeta();
    await this.#store.flush();
  }

  #createContext(
    session: Session<ConnectionContext<Meta, Env, State, C>>,
  ): ConnectionContext<Meta, Env, State, C> {
    const { actor, env } = this.#around;
    const store = this.#store;
    return {
      actor,
      env,
      get state() {
        return store.state;
      },
      ws: session.ws,
      emit: this.#createEmit((frame) => this.#outbox.send(session.ws, frame), session.hearer),
      flush: () => session.hearer.tell(() => this.#flush()),
      transaction: (fn) => this.#store.transaction(fn),
      get meta() {
        // What the attachment holds is what extractMeta returned, which the definition types as Meta.
        return session.meta as Meta;
      },
    };
  }

  #createEmit(toSelf: Routes["toSelf"], hearer = new Hearer(this.#failures)): Emit<C> {
    const routes: Routes = {
      toSelf,
      toRoom: async (room, frame, includeSelf) => {
        await this.ready();
        const options = includeSelf || this.#userId === undefined ? {} : { exceptUserId: this.#userId };
        return this.#around.room(room).broadcastFrame(frame, options);
      },
      toUser: async (userId, frame) => {
        if (userId === this.#userId) return this.#toAll(frame);
        await this.ready();
        return this.#around.user(userId).deliverFrames([frame]);
      },
    };
    const emit = createEmit({
      toSelf: (frame) => hearer.tell(() => routes.toSelf(frame)),
      toRoom: (room, frame, includeSelf) => hearer.tell(() => routes.toRoom(room, frame, includeSelf)),
      toUser: (userId, frame) => hearer.tell(() => routes.toUser(userId, frame)),
    });
    // The contract only narrows the events' names and payloads.
    return emit as unknown as Emit<C>;
  }

  async #toAll(frame: string): Promise<number> {
    const sent = await Promise.all([...this.#sessions.keys()].map((ws) => this.#outbox.send(ws, frame)));
    return sent.filter(Boolean).length;
  }
}

/** The client chose the event's name: enough of it to know which is meant. */
const MAX_EVENT_IN_ERROR = 100;

function logPersistError(key: string, error: PersistError): void {
  console.error(`[persist] "${key}":`, error);
}

function sendError(ws: WebSocket, code: ErrorFrameCode, message: string, event?: string): void {
  const error =
    event === undefined ? { code, message } : { code, message, event: event.slice(0, MAX_EVENT_IN_ERROR) };
  sendNow(ws, encodeError(error));
}
