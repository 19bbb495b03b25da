// What a connection is, as pure data: the definition, and the handlers registered on it.
import type { Contract, InputOf, OutputOf } from "./contract.ts";
import { ConnectionError } from "./connection-error.ts";
import { STORING } from "./definition-doubt.ts";
import { describe } from "./errors.ts";
import type { InspectGuard } from "./inspect.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import type { PersistedOptions } from "./persisted.ts";
import { DEFAULT_MAX_MESSAGE_BYTES } from "./protocol.ts";

/** Who is connected, and with what; kept in the socket's attachment, so that it survives hibernation. */
export interface ConnectionMeta {
  /** The user; one object serves all sockets of one user. */
  userId: string;
  /** This client of the user's: a tab, a device. */
  clientId: string;
  /** Free for the program's use; kept for compatibility with Verani. */
  channels: string[];
}

/** What `JSON.parse` gives: payloads of events without a type or a contract, unchecked. */
export type UncheckedPayload = ReturnType<typeof JSON.parse>;

/** Sends to whom `to`, `toRoom` or `toUser` named. */
export interface EmitTarget<C extends Contract | undefined = undefined> {
  /** Sends; resolves to the number of members (a room) or sockets (a user) it was handed to. What fails reaches `onError`, awaited or not. */
  readonly emit: EmitEvent<C, Promise<number>>;
}

/** Sends, after everything the handler has changed so far is stored. */
export interface Emit<C extends Contract | undefined = undefined> {
  /**
   * Sends to this socket; resolves to whether it was open. Needs no `await`: order is kept, and failures reach `onError`. Inside a
   * `storage.transaction()` it resolves at once, and the frame leaves when the transaction is over.
   */
  readonly emit: EmitEvent<C, Promise<boolean>>;
  /** Sends to `room:<name>`, else to the user of that id. */
  to(target: string): EmitTarget<C>;
  /** Sends to a room's members, without the sender unless `includeSelf`. Inside a `storage.transaction()` don't await it: it waits for the transaction's end. */
  toRoom(name: string, options?: { readonly includeSelf?: boolean }): EmitTarget<C>;
  /** Sends to every socket of a user. Inside a `storage.transaction()` don't await it, either. */
  toUser(userId: string): EmitTarget<C>;
}

type PayloadArguments<T> = undefined extends T ? [data?: T] : [data: T];

type EmitEvent<C extends Contract | undefined, Result> =
  C extends Contract<infer _Client, infer Server>
    ? <E extends keyof Server & string>(event: E, ...data: PayloadArguments<InputOf<Server[E]>>) => Result
    : (event: string, data?: unknown) => Result;

type DeliverArguments<C extends Contract | undefined> =
  C extends Contract<infer _Client, infer Server>
    ? {
        [E in keyof Server & string]: [event: E, ...data: PayloadArguments<InputOf<Server[E]>>];
      }[keyof Server & string]
    : [event: string, data?: unknown];

/** The object itself: a handler has it as `ctx.actor`, and other Workers call it by RPC. */
export interface ConnectionActor<C extends Contract | undefined = undefined> {
  /** The object's storage, for what doesn't fit into the state; keys that begin with `_verani_persist:` or `_dormouse` are reserved. */
  getStorage(): DurableObjectStorage;
  /**
   * Makes the user a member of a room; called again, it replaces the metadata. Lasts until `leaveRoom` or the last socket's close.
   * Resolves to false, and does nothing, when nobody is connected.
   */
  joinRoom(name: string, metadata?: object): Promise<boolean>;
  /** Ends the membership; does nothing where there is none. */
  leaveRoom(name: string): Promise<void>;
  /** The rooms the user is a member of. */
  getRooms(): string[];
  /** `deliverMessage(event, data)` sends an event to every socket of the user; resolves to how many there were. */
  deliverMessage(...event: DeliverArguments<C>): Promise<number>;
  /** The user this object belongs to; undefined only if the object was reached by an id without a name and nobody is connected. */
  getUserId(): string | undefined;
  /** Whether a socket of the user's is open. */
  isConnected(): boolean;
  /** Whether the state is restored: always, for whoever can ask. Kept for compatibility with Verani. */
  isStateReady(): boolean;
  /**
   * Closes all sockets, leaves all rooms, calls `onDestroy`, and deletes the alarm and all that is stored, without waiting for the rooms; it resolves when they, too,
   * have let the user go. What handlers that still run change in their state isn't stored; who asks for a socket before all is deleted is answered with
   * 503, and who calls it again, as `onDestroy` or a room's `onLeave` may, is answered at once.
   */
  destroy(): Promise<void>;
}

/** The context without a socket: what `onDestroy` gets. */
export interface ObjectContext<Env, State, C extends Contract | undefined = undefined> {
  /** The object itself: its rooms, its storage. */
  readonly actor: ConnectionActor<C>;
  /** The Worker's bindings. */
  readonly env: Env;
  /** The user's state, the same for all sockets of the user; of what changes in it, the keys in `persistedKeys` are stored. */
  readonly state: State;
  /** Sends to this socket, to users and to rooms; in `onDestroy`, where there is no socket, `emit.emit` sends to every one of the user's. */
  readonly emit: Emit<C>;
  /** Resolves when every change so far is durable; rejects with `PersistError`. */
  flush(): Promise<void>;
  /** Runs `fn`, which must be synchronous; if it throws, the state and what is dirty are as they were before. */
  transaction<T>(fn: () => T): T;
}

/** The `[]` of an `extractMeta` is inferred as an array of `never`, which takes no channel. */
type MetaOf<Meta extends ConnectionMeta> = Meta extends { channels: never[] }
  ? Omit<Meta, "channels"> & Pick<ConnectionMeta, "channels">
  : Meta;

/** What a handler gets. */
export interface ConnectionContext<
  Meta extends ConnectionMeta,
  Env,
  State,
  C extends Contract | undefined = undefined,
> extends ObjectContext<Env, State, C> {
  /** The socket. What is sent on it directly waits for the flush only on SQLite-backed objects with `commit: "turn"`. */
  readonly ws: WebSocket;
  /** The metadata; changes are kept in the socket's attachment. */
  readonly meta: MetaOf<Meta>;
}

/** An event without a handler, as `onMessage` gets it. */
export interface MessageFrame {
  readonly type: string;
  readonly data: UncheckedPayload;
  readonly channel: string;
}

/** The options of `persisted()` that don't depend on the state's type. */
export type PersistSettings = Partial<
  Pick<
    PersistedOptions<object>,
    "persistOptions" | "onPersistError" | "layout" | "commit" | "version" | "migrate"
  >
>;

/** Whether a definition's objects may be inspected, and by whom. */
export interface InspectSettings<Env = Cloudflare.Env> {
  /**
   * Serves what the object holds and wrote lately, as JSON or, to browsers, as a page: a connection at `<websocketPath>/inspect`, a room at any path that ends
   * in `/inspect`. Needs an `inspectGuard`. Default: false.
   */
  inspect?: boolean;
  /** Returns `true` for requests that may inspect; for anything else, and if it throws, the answer is a 403. `isSecret` compares tokens safely. */
  inspectGuard?: InspectGuard<Env>;
}

/** What `defineConnection` takes. */
export interface ConnectionDefinition<
  Meta extends ConnectionMeta = ConnectionMeta,
  Env = Cloudflare.Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
>
  extends PersistSettings, InspectSettings<Env> {
  /** For messages to developers, and the default of `connectionBinding`. Default: "UserConnection". */
  name?: string;
  /** The path at which sockets are opened. Default: "/ws". */
  websocketPath?: string;
  /** The binding, in wrangler.jsonc, to the class made of this definition. Default: `name`. */
  connectionBinding?: string;
  /** The binding of each room's class, by the room's name or its part before ":". A room not named here lives in `connectionBinding`. */
  rooms?: Readonly<Record<string, string>>;
  /**
   * Says who connects. Throwing refuses the socket before it is accepted: a thrown `Response` is the answer, anything else gives a 401.
   * Default: the user whose object was chosen, with a random `clientId`.
   */
  extractMeta?(request: Request): Meta | Promise<Meta>;
  /** Runs before the client's socket opens. Throwing closes it with 1011. */
  onConnect?(ctx: ConnectionContext<Meta, Env, State, C>): unknown;
  /** Runs when a socket closes, but not when a newer one replaces it, its `onConnect` threw, or the object is destroyed. */
  onDisconnect?(ctx: ConnectionContext<Meta, Env, State, C>): unknown;
  /** Gets the events that have no handler. Default: the client gets the error `UNKNOWN_EVENT`. */
  onMessage?(ctx: ConnectionContext<Meta, Env, State, C>, frame: MessageFrame): unknown;
  /** Gets whatever a handler throws, failed calls to rooms and users, and the `PersistError` of state that couldn't be stored. Default: `console.error`. */
  onError?(error: Error, ctx: ConnectionContext<Meta, Env, State, C>): unknown;
  /** Runs when the object wakes and finds sockets that hibernated; their messages wait for its end, calls don't. */
  onHibernationRestore?(actor: ConnectionActor<C>): unknown;
  /** Runs when the object is destroyed: rooms are left and sockets closed, but what is stored is still there. */
  onDestroy?(ctx: ObjectContext<Env, State, C>): unknown;
  /** The initial state; each object gets a copy of its own. Default: `{}`. */
  state?: State;
  /** The top-level keys of the state that are stored. Default: none. */
  persistedKeys?: readonly (keyof State & string)[];
  /** The events and their payloads' types; what clients send is validated by its schema. */
  events?: C;
  /** Sockets a user may have open at once; a newer one closes the oldest with 1000, once its `onConnect` has ended. Default: 1. */
  maxSockets?: number;
  /** The longest message accepted, in UTF-8 bytes; at most 32 MiB. Default: 1 MiB. */
  maxMessageBytes?: number;
  /**
   * How much may wait while a socket's handlers are busy, in UTF-16 units, each message counting 512 more than its text; beyond it the socket is
   * closed with 1008. Default: 16,777,216.
   */
  maxQueuedLength?: number;
}

/** A definition without the user's types, as the runtime works with it. */
export interface Settings {
  readonly name: string;
  readonly websocketPath: string;
  readonly connectionBinding: string;
  readonly rooms: ReadonlyMap<string, string>;
  readonly maxSockets: number;
  readonly maxMessageBytes: number;
  readonly maxQueuedLength: number;
  /** Undefined where nothing may be inspected. */
  readonly inspectPath: string | undefined;
}

type Handler<Ctx, Data> = (ctx: Ctx, data: Data) => unknown;

type On<Ctx, C extends Contract | undefined, Self> =
  C extends Contract<infer Client, infer _Server>
    ? <E extends keyof Client & string>(event: E, handler: Handler<Ctx, OutputOf<Client[E]>>) => Self
    : <Data = UncheckedPayload>(event: string, handler: Handler<Ctx, Data>) => Self;

type EventOf<C extends Contract | undefined> =
  C extends Contract<infer Client, infer _Server> ? keyof Client & string : string;

/** A definition on which handlers are registered. */
export interface Connection<
  Meta extends ConnectionMeta = ConnectionMeta,
  Env = Cloudflare.Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
> extends ConnectionDefinition<Meta, Env, State, C> {
  /** Registers the handler of an event; a second one replaces the first. */
  readonly on: On<ConnectionContext<Meta, Env, State, C>, C, this>;
  /** Removes the handler of an event. */
  off(event: EventOf<C>): this;
  /** The handlers, by event. */
  readonly handlers: ReadonlyMap<string, Handler<ConnectionContext<Meta, Env, State, C>, unknown>>;
  /** The options with their defaults. */
  readonly settings: Settings;
}

/** Metadata that have more than the default ones can't come from anywhere but `extractMeta`. */
type NeedsExtractMeta<Meta> = ConnectionMeta extends Meta
  ? unknown
  : { extractMeta(request: Request): Meta | Promise<Meta> };

/**
 * Defines what happens on a user's connection; `createConnectionHandler` makes a Durable Object class from it.
 *
 * @throws ConnectionError with code INVALID_DEFINITION.
 * @example
 * const connection = defineConnection({
 *   state: { messages: 0 },
 *   persistedKeys: ["messages"],
 * });
 * connection.on<{ text: string }>("message", async (ctx, data) => {
 *   ctx.state.messages++;
 *   ctx.emit.emit("message", { text: data.text, number: ctx.state.messages });
 * });
 */
export function defineConnection<
  Meta extends ConnectionMeta = ConnectionMeta,
  Env = Cloudflare.Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
>(
  definition: ConnectionDefinition<Meta, Env, State, C> & NeedsExtractMeta<Meta>,
): Connection<Meta, Env, State, C> {
  const handlers = new Map<string, Handler<ConnectionContext<Meta, Env, State, C>, unknown>>();
  const connection = {
    ...definition,
    handlers,
    settings: readSettings({ ...definition }),
    on(event: string, handler: Handler<ConnectionContext<Meta, Env, State, C>, unknown>) {
      if (typeof handler !== "function") {
        throw invalidDefinition(`the handler of "${event}" is ${describe(handler)}; give a function`);
      }
      handlers.set(event, handler);
      return connection;
    },
    off(event: string) {
      handlers.delete(event);
      return connection;
    },
  };
  // `on` is typed by the contract, a conditional type, which no implementation can be checked against while C is open.
  return connection as unknown as Connection<Meta, Env, State, C>;
}

const DEFAULT_NAME = "UserConnection";
const DEFAULT_MAX_QUEUED_LENGTH = 16 * 1024 * 1024;

function readSettings<Meta extends ConnectionMeta, Env, State extends object, C extends Contract | undefined>(
  definition: ConnectionDefinition<Meta, Env, State, C>,
): Settings {
  const name = definition.name ?? DEFAULT_NAME;
  const websocketPath = definition.websocketPath ?? "/ws";
  const settings: Settings = {
    name,
    websocketPath,
    connectionBinding: definition.connectionBinding ?? name,
    rooms: new Map(Object.entries(definition.rooms ?? {})),
    maxSockets: definition.maxSockets ?? 1,
    maxMessageBytes: definition.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    maxQueuedLength: definition.maxQueuedLength ?? DEFAULT_MAX_QUEUED_LENGTH,
    inspectPath: isInspected(name, definition) ? `${websocketPath.replace(/\/$/, "")}/inspect` : undefined,
  };
  if (websocketPath[0] !== "/") {
    throw invalidDefinition(`websocketPath is "${websocketPath}"; begin it with "/", as in "/ws"`);
  }
  for (const option of ["maxSockets", "maxMessageBytes", "maxQueuedLength"] as const) {
    if (!(settings[option] >= 1))
      throw invalidDefinition(`${option} is ${settings[option]}; give a number of at least 1`);
  }
  if (settings.maxMessageBytes > MAX_MESSAGE_BYTES) {
    throw invalidDefinition(
      `maxMessageBytes is ${settings.maxMessageBytes}; give a number of at most ${MAX_MESSAGE_BYTES}`,
    );
  }
  const { commit } = definition;
  if (commit !== undefined && commit !== "turn" && commit !== "group") {
    throw invalidDefinition(`commit is ${JSON.stringify(commit)}; give "turn" or "group"`);
  }
  return settings;
}

/** Whether the objects of a definition are to be looked into. @throws ConnectionError where it doesn't say by whom. */
export function isInspected<Env>(name: string, { inspect, inspectGuard }: InspectSettings<Env>): boolean {
  if (inspect !== true) return false;
  if (typeof inspectGuard === "function") return true;
  throw invalidDefinition(
    `"${name}" has inspect: true, which shows all that is stored, and inspectGuard is ${describe(inspectGuard)}; give inspectGuard: (request, env) => boolean, true for those who may look`,
  );
}

/** The options of a definition that `persisted()` takes; without `persistedKeys` nothing is stored, as in Verani. */
export function storeOptions<State extends object>(
  definition: PersistSettings & { state?: State; persistedKeys?: readonly (keyof State & string)[] },
): PersistedOptions<State> {
  // State is object here, and {} one without keys.
  const { state = {} as State, persistedKeys = [] } = definition;
  const storing = STORING.split(" ").map((option) => [option, Reflect.get(definition, option)]);
  // Of what else is there a warning has told.
  const { shallow, throwOnError } = definition.persistOptions ?? {};
  return { ...Object.fromEntries(storing), persistOptions: { shallow, throwOnError }, state, persistedKeys };
}

export function invalidDefinition(message: string): ConnectionError {
  return new ConnectionError("INVALID_DEFINITION", message);
}
