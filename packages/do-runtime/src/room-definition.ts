// What a room is, as pure data.
import type { Contract } from "./contract.ts";
import { type InspectSettings, invalidDefinition, type PersistSettings } from "./definition.ts";
import type { Broadcast, RoomMember } from "./ports.ts";

/** Why a member was removed: it left (or its last socket closed), deliveries to it failed, or the room was destroyed. */
export type LeaveReason = "left" | "unreachable" | "destroyed";

/** What a room's hooks get. */
export interface RoomContext<
  Env = Cloudflare.Env,
  State = object,
  C extends Contract | undefined = undefined,
> {
  /** The room's name, as it was joined by. */
  readonly name: string;
  /** The Worker's bindings. */
  readonly env: Env;
  /** The room's state; changes are stored by themselves. */
  readonly state: State;
  getStorage(): DurableObjectStorage;
  /** The members, in the order of their joining. */
  getMembers(): readonly RoomMember[];
  hasMember(userId: string): boolean;
  /** `broadcast(event, data, { userIds, exceptUserId })` sends an event to members; resolves to how many have it on an open socket. */
  readonly broadcast: Broadcast<C>;
  /** Resolves when every change so far is durable; rejects with `PersistError`. */
  flush(): Promise<void>;
  /** Runs `fn`, which must be synchronous; if it throws, the state and what is dirty are as they were before. */
  transaction<T>(fn: () => T): T;
}

/** What `createRoomHandler` takes. */
export interface RoomDefinition<
  Env = Cloudflare.Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
>
  extends PersistSettings, InspectSettings<Env> {
  /** The binding, in wrangler.jsonc, to the class made of this definition, by which `get` finds it. Default: "Room". */
  name?: string;
  /** The binding to the class of the members' connections. Default: "UserConnection". */
  connectionBinding?: string;
  /** The contract of the members' connections: it types what the room broadcasts. */
  events?: C;
  /** After so many calls in a row to a member that fail, or find nobody connected, the member is put out. Default: 3. */
  maxDeliveryFailures?: number;
  /** The initial state; each room gets a copy of its own. Default: `{}`, in which `setRoomState` may set any key. */
  state?: State;
  /** The top-level keys of the state that are stored. Default: all keys of `state`. */
  persistedKeys?: readonly (keyof State & string)[];
  /** Runs when the room's object wakes, before anything else. */
  onInit?(room: RoomContext<Env, State, C>): unknown;
  /** Runs after a new member was added; throwing refuses the member. Don't await the member's own `joinRoom` or `leaveRoom` of this room here: they wait for this to end. */
  onJoin?(room: RoomContext<Env, State, C>, member: RoomMember): unknown;
  /** Runs after a member was removed. */
  onLeave?(room: RoomContext<Env, State, C>, member: RoomMember, reason: LeaveReason): unknown;
  /** Runs when the room is destroyed: the members are out, but what is stored is still there. */
  onDestroy?(room: RoomContext<Env, State, C>): unknown;
  /** Gets whatever `onLeave` throws, failed calls to members, and the errors of members that can't be read. Default: `console.error`. */
  onError?(error: Error, room: RoomContext<Env, State, C>): unknown;
}

/** Default of `maxDeliveryFailures`. */
export const DEFAULT_MAX_DELIVERY_FAILURES = 3;

/** @throws ConnectionError with code INVALID_DEFINITION. */
export function checkRoomDefinition({
  maxDeliveryFailures = 1,
}: Pick<RoomDefinition, "maxDeliveryFailures">): void {
  if (maxDeliveryFailures >= 1) return;
  throw invalidDefinition(`maxDeliveryFailures is ${maxDeliveryFailures}; give a number of at least 1`);
}
