// The Durable Object class of rooms that have a binding of their own.
import { type DurableObject, env as workerEnv } from "#cloudflare";
import { namespaceOf } from "./bindings.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Contract } from "./contract.ts";
import { isInspected } from "./definition.ts";
import type { Inspector } from "./inspect.ts";
import { linkToUser } from "./links.ts";
import { checkName } from "./object-names.ts";
import type { ClassOf, RoomRpc, StubOf } from "./ports.ts";
import type { Room } from "./room.ts";
import { checkRoomDefinition, type RoomContext, type RoomDefinition } from "./room-definition.ts";
import { ROOM, RoomRpcObject } from "./room-rpc.ts";

/** A room's object, as other Workers call it: a `DurableObjectStub` with the calls of `RoomRpc`, and the methods of `Own`, a class of one's own that extends the room's. */
export type RoomStub<State = object, Own = unknown, C extends Contract | undefined = undefined> = StubOf<
  RoomRpc<State, C>,
  Own
>;

/** A room's object, as a class that extends it sees it. */
export interface RoomObject<Env, State extends object = object, C extends Contract | undefined = undefined>
  extends DurableObject<Env>, RoomRpc<State, C> {
  /**
   * Runs `fn` with the room's state, in an alarm or a method of the class's own. Resolves to what `fn` returns when all that it has changed is stored,
   * and rejects with what it throws, or with the `PersistError` of what can't be stored. A stub has no `run`: what `fn` gets can't cross by RPC.
   */
  run<Result>(fn: (room: RoomContext<Env, State, C>) => Result | Promise<Result>): Promise<Result>;
}

/** A Durable Object class for rooms, to be exported from the Worker. */
export interface RoomClass<Env, State extends object = object, C extends Contract | undefined = undefined> {
  new (state: DurableObjectState, env: Env): RoomObject<Env, State, C>;
  /** The object of a room. */
  get<Own>(this: ClassOf<Own>, name: string): RoomStub<State, Own, C>;
}

/**
 * Makes a Durable Object class for rooms with hooks or a state of their own; `rooms` in the connection's definition names its binding.
 *
 * @throws ConnectionError with code INVALID_DEFINITION.
 * @example
 * export const ChatRoom = createRoomHandler({
 *   name: "ChatRoom",
 *   state: { messages: 0 },
 *   onJoin: (room, member) => room.broadcast("joined", { userId: member.userId }),
 * });
 */
export function createRoomHandler<
  Env = Cloudflare.Env,
  State extends object = object,
  C extends Contract | undefined = undefined,
>(definition: RoomDefinition<Env, State, C> = {}): RoomClass<Env, State, C> {
  checkRoomDefinition(definition);
  const { name: className = "Room", connectionBinding = "UserConnection" } = definition;
  const isOpenToInspection = isInspected(className, definition);
  // The contract only narrows what a broadcast takes.
  const unnarrowed = definition as unknown as RoomDefinition<Env, State>;

  return class extends RoomRpcObject<Env, State> {
    #opened: Room<Env, State> | undefined;
    #inspector: Inspector | undefined;

    static get<Own>(this: ClassOf<Own>, name: string): RoomStub<State, Own> {
      const namespace = namespaceOf(workerEnv, className, `the room "${name}"`);
      return namespace.getByName(checkName(name)) as unknown as RoomStub<State, Own>;
    }

    constructor(state: DurableObjectState, env: Env) {
      super(state, env);
      void state.blockConcurrencyWhile(async () => {
        const { Room } = await import("./room.ts");
        if (isOpenToInspection) {
          const { Inspector } = await import("./inspect.ts");
          this.#inspector = new Inspector();
        }
        this.#opened = await Room.open(unnarrowed, {
          name: state.id.name ?? state.id.toString(),
          env,
          storage: state.storage,
          user: (userId) => linkToUser(env, connectionBinding, userId),
          onFlush: this.#inspector?.onFlush,
        });
      });
    }

    protected override [ROOM](): Room<Env, State> {
      if (this.#opened === undefined) throw new ConnectionError("NOT_A_ROOM", "the room is not opened yet");
      return this.#opened;
    }

    override async fetch(request: Request): Promise<Response> {
      const isInspection = new URL(request.url).pathname.endsWith("/inspect");
      if (this.#inspector === undefined || !isInspection)
        return new Response("A room has no socket of its own.", { status: 404 });
      const isAllowed = () => definition.inspectGuard?.(request, this.env) ?? false;
      return this.#inspector.answer(request, isAllowed, () => this[ROOM]().inspected(className));
    }

    // No method: what `fn` gets can't cross to another object, and so nothing is to call it by RPC.
    readonly run: RoomObject<Env, State>["run"] = (fn) => this[ROOM]().run(fn);

    destroy(): Promise<void> {
      return this[ROOM]().destroy();
    }
  } satisfies RoomClass<Env, State> as unknown as RoomClass<Env, State, C>;
}
