// What the types say of a definition, for programs that have none.
import { ConnectionError } from "./connection-error.ts";
import type { Connection } from "./definition.ts";
import { describe } from "./errors.ts";
import type { PersistOptions } from "./persisted.ts";
import type { RoomDefinition } from "./room-definition.ts";

/** What an option has to be. */
type Kind = "function" | "string" | "boolean" | "object" | "any";

type Options = Readonly<Record<string, Kind>>;

/** An option that is missing here doesn't compile. */
type OptionsOf<Definition> = Readonly<Record<keyof Definition, Kind>>;

const common = {
  name: "string",
  connectionBinding: "string",
  state: "any",
  persistedKeys: "any",
  persistOptions: "any",
  onPersistError: "function",
  layout: "any",
  commit: "any",
  version: "any",
  migrate: "function",
  inspect: "boolean",
  inspectGuard: "function",
  onError: "function",
  onDestroy: "function",
  events: "any",
} as const;

/** The options of `defineConnection`, and what it adds to them. */
export const CONNECTION_OPTIONS: OptionsOf<Connection> = {
  ...common,
  websocketPath: "string",
  rooms: "any",
  extractMeta: "function",
  onConnect: "function",
  onDisconnect: "function",
  onMessage: "function",
  onHibernationRestore: "function",
  maxSockets: "any",
  maxMessageBytes: "any",
  maxQueuedLength: "any",
  handlers: "any",
  settings: "any",
  on: "function",
  off: "function",
};

/** The options of `createRoomHandler`. */
export const ROOM_OPTIONS: OptionsOf<RoomDefinition> = {
  ...common,
  // Its keys are those that are stored: a function that makes it has none.
  state: "object",
  maxDeliveryFailures: "any",
  onInit: "function",
  onJoin: "function",
  onLeave: "function",
};

const PERSIST_OPTIONS: OptionsOf<PersistOptions> = { shallow: "boolean", throwOnError: "boolean" };

const examples = {
  function: "a function",
  string: "a string",
  boolean: "true or false",
  object: "an object with the keys of the state",
};

/** Definitions that were looked at already. */
const checked = new WeakSet<object>();

/**
 * Refuses what an option can't be; of one that there is not, a warning tells: it may be misspelt, so that what is meant is not done.
 *
 * @throws ConnectionError with code INVALID_DEFINITION, whenever it is asked.
 */
export function checkDefinition(definition: object, options: Options): void {
  if (checked.has(definition)) return;
  checkOptions(definition, options, "");
  const { rooms, events, persistOptions } = definition as {
    readonly rooms?: unknown;
    readonly events?: unknown;
    readonly persistOptions?: unknown;
  };
  if (rooms !== undefined) checkRooms(rooms);
  if (events !== undefined) checkContract(events);
  if (persistOptions !== undefined) {
    if (typeof persistOptions !== "object" || persistOptions === null)
      throw invalid(`persistOptions is ${shown(persistOptions)}; give an object, as { shallow: false }`);
    checkOptions(persistOptions, PERSIST_OPTIONS, "persistOptions.");
  }
  if (options === CONNECTION_OPTIONS) {
    warnOfStoringNothing(definition);
    warnOfPing(definition);
  }
  checked.add(definition);
}

/** A connection stores the keys that it lists; to say how they are stored, and not which, is hardly meant. */
function warnOfStoringNothing(definition: Partial<Record<keyof Connection, unknown>>): void {
  const how = (
    ["persistOptions", "onPersistError", "layout", "commit", "version", "migrate"] as const
  ).filter((option) => definition[option] !== undefined);
  if (definition.persistedKeys !== undefined || how.length === 0) return;
  console.warn(
    `[connection] the definition has ${how.join(", ")}, but no persistedKeys: nothing is stored; list the keys of the state that are to be, or none: []`,
  );
}

/** Elsewhere it may have been what answers the clients' heartbeats. */
function warnOfPing({ handlers }: Partial<Pick<Connection, "handlers">>): void {
  if (handlers?.has("ping"))
    console.warn(
      '[connection] the handler of "ping" is never called: such a frame is answered with {"type":"pong"}, as a rule without waking the object; give the event another name',
    );
}

function checkOptions(given: object, options: Options, where: string): void {
  for (const [option, value] of Object.entries(given)) {
    const kind = Object.hasOwn(options, option) ? options[option] : undefined;
    if (kind === undefined) warn(option, Object.keys(options), where);
    else if (kind !== "any" && value !== undefined && typeof value !== kind)
      throw invalid(`${where}${option} is ${shown(value)}; give ${examples[kind]}`);
  }
}

/**
 * Whether a class that extends the connection's leaves its rooms what they are called by: `join` and `leave` are names that one may well choose.
 *
 * @throws ConnectionError with code INVALID_DEFINITION.
 */
export function checkOwnMethods(object: object, calls: object): void {
  for (const name of Object.getOwnPropertyNames(calls)) {
    if (name === "constructor" || Reflect.get(object, name) === Reflect.get(calls, name)) continue;
    throw invalid(
      `the class has a method "${name}" of its own, which hides the one that the room in this object is called by; give it another name, or the room a class of its own`,
    );
  }
}

function checkRooms(rooms: unknown): void {
  const example = 'give the bindings by the rooms\' names, as { chat: "ChatRoom" }';
  if (typeof rooms !== "object" || rooms === null || Array.isArray(rooms))
    throw invalid(`rooms is ${shown(rooms)}; ${example}`);
  for (const [room, binding] of Object.entries(rooms))
    if (typeof binding !== "string") throw invalid(`rooms.${room} is ${shown(binding)}; ${example}`);
}

function checkContract(events: unknown): void {
  if (typeof events !== "object" || events === null)
    throw invalid(`events is ${shown(events)}; give what defineContract() returns`);
  for (const side of ["client", "server"]) {
    const schemas: unknown = Reflect.get(events, side);
    if (typeof schemas !== "object" || schemas === null)
      throw invalid(`events.${side} is ${shown(schemas)}; give the schemas by the events' names`);
    for (const [event, schema] of Object.entries(schemas)) {
      const validate: unknown = schema?.["~standard"]?.validate;
      if (typeof validate === "function") continue;
      throw invalid(
        `events.${side}.${event} is ${shown(schema)}; give a Standard Schema, as of Zod 3.24, Valibot 1 or ArkType 2, or payload()`,
      );
    }
  }
}

function warn(option: string, known: readonly string[], where: string): void {
  const [nearest] = known
    .map((name) => ({ name, distance: distanceOf(option.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const hint =
    nearest !== undefined && nearest.distance <= 3 ? `; did you mean "${nearest.name}"?` : "; remove it";
  console.warn(`[connection] the definition has "${where}${option}", which is no option${hint}`);
}

/** In how many letters two words differ (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const letter of a) {
    const above = row;
    row = [(above[0] ?? 0) + 1];
    for (let at = 0; at < b.length; at++) {
      const replaced = (above[at] ?? 0) + (letter === b[at] ? 0 : 1);
      row.push(Math.min(replaced, (above[at + 1] ?? 0) + 1, (row[at] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}

/** A value as a message shows it. */
export function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : describe(value);
}

function invalid(message: string): ConnectionError {
  return new ConnectionError("INVALID_DEFINITION", message);
}
