// The Durable Object class of rooms that have a binding of their own.
import { DurableObject, env as workerEnv } from "#cloudflare";
import { namespaceOf } from "./bindings.ts";
import { ConnectionError } from "./connection-error.ts";
import { isInspected } from "./definition.ts";
import type { Inspector } from "./inspect.ts";
import { linkToUser } from "./links.ts";
import type { BroadcastOptions, RoomMember, RoomRpc } from "./ports.ts";
import type { Room } from "./room.ts";
import { checkRoomDefinition, type RoomDefinition } from "./room-definition.ts";

/** A room's object, as other Workers call it. */
export type RoomStub = DurableObjectStub & RoomRpc;

/** A Durable Object class for rooms, to be exported from the Worker. */
export interface RoomClass<Env> {
  new (state: DurableObjectState, env: Env): DurableObject<Env> & RoomRpc;
  /** The object of a room. */
  get(name: string): RoomStub;
}

/**
 * Makes the Durable Object class of rooms that have hooks or a state of their own; `rooms` in the connection's definition names its binding.
 *
 * @throws ConnectionError with code INVALID_DEFINITION.
 * @example
 * export const ChatRoom = createRoomHandler({
 *   state: { messages: 0 },
 *   onJoin: (room, member) => room.broadcast("joined", { userId: member.userId }),
 * });
 */
export function createRoomHandler<Env = Cloudflare.Env, State extends object = object>(
  definition: RoomDefinition<Env, State>,
): RoomClass<Env> {
  checkRoomDefinition(definition);
  const { name: className = "Room", connectionBinding = "UserConnection" } = definition;
  const isOpenToInspection = isInspected(className, definition);

  return class extends DurableObject<Env> implements RoomRpc {
    #opened: Room<Env, State> | undefined;
    #inspector: Inspector | undefined;

    static get(name: string): RoomStub {
      return namespaceOf(workerEnv, className, `the room "${name}"`).getByName(name) as unknown as RoomStub;
    }

    constructor(state: DurableObjectState, env: Env) {
      super(state, env);
      void state.blockConcurrencyWhile(async () => {
        const { Room } = await import("./room.ts");
        if (isOpenToInspection) {
          const { Inspector } = await import("./inspect.ts");
          this.#inspector = new Inspector();
        }
        this.#opened = await Room.open(definition, {
          name: state.id.name ?? state.id.toString(),
          env,
          storage: state.storage,
          user: (userId) => linkToUser(env, connectionBinding, userId),
          onFlush: this.#inspector?.onFlush,
        });
      });
    }

    #room(): Room<Env, State> {
      if (this.#opened === undefined) throw new ConnectionError("NOT_A_ROOM", "the room is not opened yet");
      return this.#opened;
    }

    override async fetch(request: Request): Promise<Response> {
      const isInspection = new URL(request.url).pathname.endsWith("/inspect");
      if (this.#inspector === undefined || !isInspection)
        return new Response("A room has no socket of its own.", { status: 404 });
      const isAllowed = () => definition.inspectGuard?.(request, this.env) ?? false;
      return this.#inspector.answer(request, isAllowed, () => this.#room().inspected(className));
    }

    join(userId: string, metadata?: object): Promise<boolean> {
      return this.#room().join(userId, metadata);
    }

    leave(userId: string): Promise<boolean> {
      return this.#room().leave(userId);
    }

    memberLeaves(userId: string): Promise<boolean> {
      return this.#room().memberLeaves(userId);
    }

    broadcast(event: string, data?: unknown, options?: BroadcastOptions): Promise<number> {
      return this.#room().broadcast(event, data, options);
    }

    broadcastFrame(frame: string, options?: BroadcastOptions): Promise<number> {
      return this.#room().broadcastFrame(frame, options);
    }

    getMembers(): Promise<RoomMember[]> {
      return this.#room().getMembers();
    }

    getMemberCount(): Promise<number> {
      return this.#room().getMemberCount();
    }

    hasMember(userId: string): Promise<boolean> {
      return this.#room().hasMember(userId);
    }

    updateMemberMetadata(userId: string, metadata: object): Promise<boolean> {
      return this.#room().updateMemberMetadata(userId, metadata);
    }

    getRoomState(): Promise<object> {
      return this.#room().getRoomState();
    }

    setRoomState(changes: object): Promise<void> {
      return this.#room().setRoomState(changes);
    }

    destroy(): Promise<void> {
      return this.#room().destroy();
    }
  };
}
