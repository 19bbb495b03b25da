// What objects ask of each other, by RPC. Everything here crosses a process border: plain values only.
import type { DurableObject } from "#cloudflare";
import type { Contract, InputOf } from "./contract.ts";

/** A member, as a room tells of it. */
export interface RoomMember {
  /** The member's id, as `userIds` and `exceptUserId` of a broadcast take it. */
  readonly userId: string;
  /** What was given to `joinRoom`. */
  readonly metadata: object;
  /** When the user joined, in milliseconds since the epoch. */
  readonly joinedAt: number;
}

/** Whom a broadcast is for. Default: every member. */
export interface BroadcastOptions {
  /** Only these, if they are members. */
  readonly userIds?: readonly string[];
  /** Not this one. */
  readonly exceptUserId?: string;
}

/** Sends one of the contract's events, or, without a contract, any. */
export type Broadcast<C extends Contract | undefined> =
  C extends Contract<infer _Client, infer Server>
    ? <E extends keyof Server & string>(
        event: E,
        ...call: BroadcastArguments<InputOf<Server[E]>>
      ) => Promise<number>
    : (event: string, data?: unknown, options?: BroadcastOptions) => Promise<number>;

type BroadcastArguments<T> = undefined extends T
  ? [data?: T, options?: BroadcastOptions]
  : [data: T, options?: BroadcastOptions];

/** What a room's object answers to. */
export interface RoomRpc<State = object, C extends Contract | undefined = undefined> {
  /**
   * Makes the user a member; replaces the metadata of one, unless it `isBack` only, after a crash. Resolves to whether it is new; rejects where `onJoin`
   * throws, the metadata can't be stored, or the id is no user's (`INVALID_NAME`).
   */
  join(userId: string, metadata?: object, isBack?: boolean): Promise<boolean>;
  /** Puts a user out, and tells the user's object; resolves to whether the user was a member. */
  leave(userId: string): Promise<boolean>;
  /** The user's object says that the user leaves; resolves to whether the user was a member. */
  memberLeaves(userId: string): Promise<boolean>;
  /** `broadcast(event, data, { userIds, exceptUserId })` sends an event to members; resolves to how many have it on an open socket. */
  readonly broadcast: Broadcast<C>;
  /** `broadcast` of a frame that is encoded already. */
  broadcastFrame(frame: string, options?: BroadcastOptions): Promise<number>;
  /** The members, in the order of their joining. */
  getMembers(): Promise<RoomMember[]>;
  getMemberCount(): Promise<number>;
  hasMember(userId: string): Promise<boolean>;
  /** Replaces a member's metadata; resolves to whether the user is a member. */
  updateMemberMetadata(userId: string, metadata: object): Promise<boolean>;
  /** A copy of the room's state. */
  getRoomState(): Promise<State>;
  /** Assigns the given keys of the room's state, all or none; resolves when they are stored. */
  setRoomState(changes: Partial<State>): Promise<void>;
  /** Puts all members out, and deletes the alarm and all that is stored; called meanwhile, as by `onLeave`, it resolves at once. */
  destroy(): Promise<void>;
}

/** The class of these objects. */
export type ClassOf<Own> = abstract new (...args: never) => Own;

/** What answers to `Calls`, and to the methods that a class of one's own adds to them; `run` is for these only. */
export type StubOf<Calls, Own> = DurableObjectStub &
  Calls &
  Promised<Omit<Own, keyof Calls | keyof DurableObject | "run">>;

/** Every method behind RPC answers with a promise. */
export type Promised<T> = {
  [K in keyof T]: T[K] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** What a user's object asks of a room. */
export type RoomPort = Pick<RoomRpc, "join" | "memberLeaves" | "broadcastFrame">;

/** What a room, or another user's object, asks of a user's object. */
export interface UserPort {
  /** Sends frames to every socket of the user; resolves to how many sockets there were. */
  deliverFrames(frames: readonly string[]): Promise<number>;
  /** A room put the user out. */
  leftRoom(name: string): Promise<void>;
  /** A room took the user for gone; one who is connected joins it again. */
  wasPutOut(name: string): Promise<void>;
}
