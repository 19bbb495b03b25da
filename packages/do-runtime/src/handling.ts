// The run of one handler: what it gets, what it tells, and what becomes of what it throws.
import { type Contract, type Schema, validate } from "./contract.ts";
import type {
  Connection,
  ConnectionActor,
  ConnectionContext,
  ConnectionMeta,
  Emit,
  ObjectContext,
} from "./definition.ts";
import { createEmit } from "./emit.ts";
import { PersistError, tellError, toError } from "./errors.ts";
import { type Failures, Hearer } from "./failures.ts";
import { inOrder } from "./links.ts";
import { Outbox, sendNow } from "./outbox.ts";
import type { RoomPort, UserPort } from "./ports.ts";
import { type ClientFrame, encodeError, type ErrorFrameCode, PONG } from "./protocol.ts";
import type { Session } from "./session.ts";
import type { OpenStore } from "./store.ts";

/** A socket, by what its handlers get. */
export type SessionOf<
  Meta extends ConnectionMeta,
  Env,
  State extends object,
  C extends Contract | undefined,
> = Session<ConnectionContext<Meta, Env, State, C>>;

/** Whom failures of what is sent are told to. */
interface Speaker<Context> {
  readonly hearer: Hearer;
  readonly context?: Context;
}

/** The way to whom `emit.emit` sends. */
type ToSelf = (frame: string, hearer: Hearer) => Promise<boolean>;

/** What handlers need of the object they run in. */
export interface HandlingSurroundings<
  Meta extends ConnectionMeta,
  Env,
  State extends object,
  C extends Contract | undefined,
> {
  readonly definition: Connection<Meta, Env, State, C>;
  readonly store: OpenStore<State>;
  readonly failures: Failures;
  /** The sockets that count. */
  readonly sessions: ReadonlyMap<WebSocket, SessionOf<Meta, Env, State, C>>;
  readonly actor: ConnectionActor;
  readonly env: Env;
  readonly userId: () => string | undefined;
  readonly room: (name: string) => RoomPort;
  readonly user: (userId: string) => UserPort;
}

/** Runs the handlers of one object's sockets. */
export class Handling<
  Meta extends ConnectionMeta,
  Env,
  State extends object,
  C extends Contract | undefined,
> {
  readonly #definition: Connection<Meta, Env, State, C>;
  readonly #around: HandlingSurroundings<Meta, Env, State, C>;
  readonly #store: OpenStore<State>;
  readonly #outbox: Outbox;
  readonly #failures: Failures;
  readonly #sessions: ReadonlyMap<WebSocket, SessionOf<Meta, Env, State, C>>;
  readonly #changedMeta = new Set<SessionOf<Meta, Env, State, C>>();
  readonly #callRoom: ReturnType<typeof inOrder<RoomPort>>;
  readonly #callUser: ReturnType<typeof inOrder<UserPort>>;
  /** Failures that onError has heard of: one failed commit rejects every reply that waited for it. */
  readonly #reported = new WeakSet<Error>();

  constructor(around: HandlingSurroundings<Meta, Env, State, C>) {
    this.#around = around;
    this.#definition = around.definition;
    this.#store = around.store;
    this.#failures = around.failures;
    this.#sessions = around.sessions;
    this.#callRoom = inOrder(around.room);
    this.#callUser = inOrder(around.user);
    this.#outbox = new Outbox(this.settled, this.report, () => this.#store.isInTransaction);
  }

  /** Has the handler of a message's event run. */
  async handle(session: SessionOf<Meta, Env, State, C>, frame: ClientFrame): Promise<void> {
    if (frame.kind === "refused") sendError(session.ws, frame.code, frame.message);
    if (frame.kind === "ping") sendNow(session.ws, PONG);
    if (frame.kind !== "event") return;
    const { event, channel } = frame;
    let { data } = frame;
    const { context } = session;
    const handler = this.#definition.handlers.get(event);
    if (handler === undefined && this.#definition.onMessage === undefined) {
      sendError(session.ws, "UNKNOWN_EVENT", "There is no such event.", event);
      return;
    }
    const hearer = this.#listen(session);
    try {
      const schema = this.#schemaOf(event);
      if (schema !== undefined) {
        const result = await validate(schema, data);
        if (!result.ok) {
          sendError(session.ws, "PAYLOAD_REFUSED", result.message, event);
          return;
        }
        data = result.value;
      }
      const running: unknown =
        handler === undefined
          ? this.#definition.onMessage?.(context, { type: event, data, channel })
          : handler(context, data);
      // Awaiting nothing would cost the next message a turn.
      if (running !== undefined) await running;
      // A handler that sent nothing hears of a failed write here. Not awaited: with "group" the next message joins the same commit.
      hearer.finish(this.#outbox.settled, (error) => this.#fail(session, event, error));
    } catch (error) {
      this.#fail(session, event, error);
    }
  }

  #schemaOf(event: string): Schema | undefined {
    const client = this.#definition.events?.client;
    return client !== undefined && Object.hasOwn(client, event) ? client[event] : undefined;
  }

  /** A handler begins: what the one before it is still told of is not this one's, nor the other way round. */
  #listen(session: SessionOf<Meta, Env, State, C>): Hearer {
    return (session.hearer = new Hearer(this.#failures));
  }

  /** Runs what the user wrote; resolves to whether it went well. */
  async guard(
    session: SessionOf<Meta, Env, State, C>,
    event: string | undefined,
    run: () => unknown,
  ): Promise<boolean> {
    this.#listen(session);
    try {
      await run();
      return true;
    } catch (error) {
      this.#fail(session, event, error);
      return false;
    }
  }

  #fail(session: SessionOf<Meta, Env, State, C>, event: string | undefined, thrown: unknown): void {
    const error = toError(thrown);
    if (error instanceof PersistError)
      sendError(session.ws, "NOT_SAVED", "The change could not be stored.", event);
    else sendError(session.ws, "HANDLER_FAILED", `The handler failed.`, event);
    this.report(error, session.context);
  }

  /** Has `onError` hear of it, once. */
  readonly report = (thrown: unknown, context?: ConnectionContext<Meta, Env, State, C>): void => {
    const error = toError(thrown);
    if (this.#reported.has(error)) return;
    this.#reported.add(error);
    // A program may throw the same error again; a failed write is one failure, whoever hears of it, and when.
    if (!(error instanceof PersistError)) setTimeout(() => this.#reported.delete(error), 0);
    const { onError } = this.#definition;
    const heard = context ?? this.#sessions.values().next().value?.context;
    void tellError(error, onError && heard && (() => onError.call(this.#definition, error, heard)));
  };

  /** Everything that leaves the object waits for this: metadata are in attachments, and state is in storage. */
  readonly settled = (): Promise<void> | undefined => {
    if (this.#changedMeta.size > 0) this.#saveMeta();
    return this.#store.settled();
  };

  #saveMeta(): void {
    for (const session of this.#changedMeta) {
      this.#changedMeta.delete(session);
      if (this.#sessions.get(session.ws) === session) session.saveMeta();
    }
  }

  readonly onMetaChange = (session: SessionOf<Meta, Env, State, C>): void => {
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

  /** Lets out what leaves the object, in order. @throws PersistError of what the hearer doesn't know of yet. */
  pass<Result>(hearer: Hearer, tell: () => Result | Promise<Result>): Promise<Result> {
    return hearer.pass(this.settled, tell);
  }

  /** Resolves when metadata and state are durable. @throws PersistError where something isn't, or has failed that the hearer doesn't know of. */
  async flush(hearer: Hearer): Promise<void> {
    this.#saveMeta();
    hearer.check(await this.#store.flush());
  }

  createContext(session: SessionOf<Meta, Env, State, C>): ConnectionContext<Meta, Env, State, C> {
    const toSelf = (frame: string, hearer: Hearer) => this.#outbox.send(session.ws, frame, hearer);
    const context = this.#createContext(toSelf, session);
    return {
      ...context,
      get state() {
        return context.state;
      },
      ws: session.ws,
      get meta() {
        // What the attachment holds is what extractMeta returned, which the definition types as Meta.
        return session.meta as ConnectionContext<Meta, Env, State, C>["meta"];
      },
    };
  }

  /** The context of what no socket has asked for. */
  createObjectContext(hearer: Hearer): ObjectContext<Env, State, C> {
    const toSelf = (frame: string) => {
      const sent = this.toAll(frame, hearer).then((sockets) => sockets > 0);
      // Who doesn't await it hears of a failure at the end.
      sent.catch(() => {});
      return sent;
    };
    return this.#createContext(toSelf, { hearer });
  }

  #createContext(
    toSelf: ToSelf,
    speaker: Speaker<ConnectionContext<Meta, Env, State, C>>,
  ): ObjectContext<Env, State, C> {
    const { actor, env } = this.#around;
    // The one that was there: what a handler still does after destroy() changes nothing of the state that begins then.
    const { state } = this.#store;
    return {
      actor,
      env,
      // No property: who assigned another object to it would change what is never stored.
      get state() {
        return state;
      },
      emit: this.#createEmit(toSelf, speaker),
      flush: () => this.flush(speaker.hearer),
      transaction: (fn) => this.#store.transaction(fn),
    };
  }

  #createEmit(toSelf: ToSelf, speaker: Speaker<ConnectionContext<Meta, Env, State, C>>): Emit<C> {
    // Who doesn't await it would hear nothing of a room, or a user, that can't be reached.
    const call = (tell: () => Promise<number>): Promise<number> => {
      const told = this.pass(speaker.hearer, tell);
      told.catch((error: unknown) => this.report(error, speaker.context));
      return told;
    };
    const { userId } = this.#around;
    const toRoom = (room: string, frame: string, includeSelf: boolean): Promise<number> => {
      const exceptUserId = includeSelf ? undefined : userId();
      const options = exceptUserId === undefined ? {} : { exceptUserId };
      return this.#callRoom(room, (port) => port.broadcastFrame(frame, options));
    };
    const emit = createEmit({
      toSelf: (frame) => toSelf(frame, speaker.hearer),
      toRoom: (room, frame, includeSelf) => call(() => toRoom(room, frame, includeSelf)),
      toUser: (user, frame) =>
        user === userId()
          ? this.toAll(frame, speaker.hearer)
          : call(() => this.#callUser(user, (port) => port.deliverFrames([frame]))),
    });
    // The contract only narrows the events' names and payloads.
    return emit as unknown as Emit<C>;
  }

  /** Sends to every socket; resolves to how many were open. Failures from before are others' to hear, where no handler sends it. */
  toAll(frame: string, hearer = new Hearer(this.#failures)): Promise<number> {
    const sockets = [...this.#sessions.keys()];
    const sent = Promise.all(sockets.map((ws) => this.#outbox.send(ws, frame, hearer)));
    const count = sent.then((wereOpen) => wereOpen.filter(Boolean).length);
    // The outbox tells of each frame that is given up.
    count.catch(() => {});
    return count;
  }
}

/** The client chose the event's name: enough of it to know which is meant. */
const MAX_EVENT_IN_ERROR = 100;

/** Tells a client what went wrong. */
export function sendError(ws: WebSocket, code: ErrorFrameCode, message: string, event?: string): void {
  const error =
    event === undefined ? { code, message } : { code, message, event: event.slice(0, MAX_EVENT_IN_ERROR) };
  sendNow(ws, encodeError(error));
}
