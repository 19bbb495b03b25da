// What both kinds of objects that can be a room answer to calls.
import { DurableObject } from "#cloudflare";
import type { BroadcastOptions, RoomMember, RoomRpc } from "./ports.ts";

/** Names the room of an object; as a symbol, since whatever has a plain name can be called from outside. */
export const ROOM = Symbol("room");

/** An object that may be a room, and hands a room's calls on to it. */
export abstract class RoomRpcObject<Env, State = object>
  extends DurableObject<Env>
  implements RoomRpc<State>
{
  /** @throws ConnectionError where the object is no room. */
  protected abstract [ROOM](): RoomRpc<State>;

  abstract destroy(): Promise<void>;

  join(userId: string, metadata?: object, isBack?: boolean): Promise<boolean> {
    return this[ROOM]().join(userId, metadata, isBack);
  }

  leave(userId: string): Promise<boolean> {
    return this[ROOM]().leave(userId);
  }

  memberLeaves(userId: string): Promise<boolean> {
    return this[ROOM]().memberLeaves(userId);
  }

  broadcast(event: string, data?: unknown, options?: BroadcastOptions): Promise<number> {
    return this[ROOM]().broadcast(event, data, options);
  }

  broadcastFrame(frame: string, options?: BroadcastOptions): Promise<number> {
    return this[ROOM]().broadcastFrame(frame, options);
  }

  getMembers(): Promise<RoomMember[]> {
    return this[ROOM]().getMembers();
  }

  getMemberCount(): Promise<number> {
    return this[ROOM]().getMemberCount();
  }

  hasMember(userId: string): Promise<boolean> {
    return this[ROOM]().hasMember(userId);
  }

  updateMemberMetadata(userId: string, metadata: object): Promise<boolean> {
    return this[ROOM]().updateMemberMetadata(userId, metadata);
  }

  getRoomState(): Promise<State> {
    return this[ROOM]().getRoomState();
  }

  setRoomState(changes: Partial<State>): Promise<void> {
    return this[ROOM]().setRoomState(changes);
  }
}
