// The life of one room: its members, what is broadcast to them, and its state.
import { ConnectionError } from "./connection-error.ts";
import { checkDefinition, ROOM_OPTIONS } from "./definition-check.ts";
import { encode } from "./emit.ts";
import { tellError, toError } from "./errors.ts";
import { type Delivery, FanOut } from "./fan-out.ts";
import { Failures, Hearer } from "./failures.ts";
import type { InspectedObject } from "./inspect.ts";
import { Members } from "./members.ts";
import type { Flush } from "./persister.ts";
import { userObjectName } from "./object-names.ts";
import type { BroadcastOptions, RoomMember, RoomRpc, UserPort } from "./ports.ts";
import {
  DEFAULT_MAX_DELIVERY_FAILURES,
  type LeaveReason,
  type RoomContext,
  type RoomDefinition,
} from "./room-definition.ts";
import { storeOptions } from "./definition.ts";
import { checkBroadcastOptions, checkChanges, checkMetadata } from "./room-check.ts";
import { openStore, type OpenStore } from "./store.ts";

interface RoomStore<State extends object> extends Pick<
  OpenStore<State>,
  "state" | "flush" | "settled" | "transaction" | "copy" | "erase"
> {
  /** What is stored, and under which keys. */
  readonly whole: Pick<InspectedObject, "persistedKeys" | "store">;
}

/** What a room needs of its object. */
export interface RoomSurroundings<Env> {
  readonly name: string;
  readonly env: Env;
  readonly storage: DurableObjectStorage;
  readonly user: (userId: string) => UserPort;
  /** Hears of every write of the state. */
  readonly onFlush?: ((flush: Flush) => void) | undefined;
}

/** A room, whatever class its object is of. */
export class Room<Env, State extends object> implements RoomRpc<State> {
  readonly #definition: RoomDefinition<Env, State>;
  readonly #around: RoomSurroundings<Env>;
  readonly #members: Members;
  readonly #fanOut: FanOut;
  /**
   * Deliveries that failed, one after the other, by the user. A call's beginning makes the entry; whoever leaves or joins takes it out, so that what
   * a call from before comes to is counted for nothing.
   */
  readonly #failures = new Map<string, number>();
  /** Who is being asked about by onJoin, by the user: a joining that is no longer in here is over, or another's. */
  readonly #joining = new Map<string, RoomMember>();
  readonly #unsaved: Failures;
  readonly #store: RoomStore<State>;
  #isEnding = false;

  private constructor(
    definition: RoomDefinition<Env, State>,
    around: RoomSurroundings<Env>,
    store: RoomStore<State>,
    unsaved: Failures,
  ) {
    this.#definition = definition;
    this.#unsaved = unsaved;
    this.#around = around;
    this.#store = store;
    this.#members = new Members(around.storage);
    this.#fanOut = new FanOut(
      (userId, frames) => {
        if (this.#members.get(userId) !== undefined)
          this.#failures.set(userId, this.#failures.get(userId) ?? 0);
        return around.user(userId).deliverFrames(frames);
      },
      (...call) => this.#onCall(...call).catch(this.#report),
    );
  }

  /** Restores members and state, and calls `onInit`. */
  static async open<Env, State extends object>(
    definition: RoomDefinition<Env, State>,
    around: RoomSurroundings<Env>,
  ): Promise<Room<Env, State>> {
    checkDefinition(definition, ROOM_OPTIONS);
    const unsaved = new Failures();
    const store = await openRoomStore(definition, around, unsaved);
    const room = new Room(definition, around, store, unsaved);
    await room.#members.load(room.#report);
    await definition.onInit?.(room.#createContext());
    return room;
  }

  /** What one run of a hook gets; `hearer` hears what it changes and can't be stored. */
  #createContext(hearer = this.#listen()): RoomContext<Env, State> {
    const { name, env, storage } = this.#around;
    const store = this.#store;
    return {
      name,
      env,
      get state() {
        return store.state;
      },
      getStorage: () => storage,
      getMembers: () => this.#members.all(),
      hasMember: (userId) => this.#members.get(userId) !== undefined,
      broadcast: (event, data, options) => this.#send(encode(event, data), options, hearer),
      flush: async () => hearer.check(await store.flush()),
      transaction: (fn) => store.transaction(fn),
    };
  }

  #listen(): Hearer {
    return new Hearer(this.#unsaved);
  }

  /** What an inspector may look at. */
  inspected(name: string): InspectedObject {
    const room = { name: this.#around.name, members: this.#members.size };
    return { name, userId: undefined, sockets: 0, room, ...this.#store.whole };
  }

  async join(userId: string, metadata: object = {}, isBack = false): Promise<boolean> {
    // One from before may have any.
    if (!isBack) checkMetadata(userId, metadata);
    const known = this.#members.get(userId);
    const member: RoomMember = {
      userId,
      metadata,
      joinedAt: known?.joinedAt ?? this.#members.nextJoinedAt(),
    };
    this.#failures.delete(userId);
    if (known !== undefined) {
      if (!isBack) await this.#update(member);
      return false;
    }
    // As a member he would be called, and can't be.
    userObjectName(userId);
    this.#members.add(member);
    this.#joining.set(userId, member);
    // Not once the member has left, even if he is joining again; one whose metadata was replaced meanwhile is still joining.
    const isOpen = () => this.#joining.get(userId) === member;
    const hearer = this.#listen();
    try {
      await this.#definition.onJoin?.(this.#createContext(hearer), member);
      await this.#pass(hearer, () => {});
      // Not before: after a crash meanwhile, onJoin is asked again, which may refuse.
      const now = () => (isOpen() ? this.#members.get(userId) : undefined);
      let stored: RoomMember | undefined;
      for (let next = now(); next !== undefined && next !== stored; next = now()) {
        await this.#members.set(next);
        stored = next;
      }
    } catch (error) {
      if (isOpen()) await this.#members.delete(userId);
      throw error;
    } finally {
      if (isOpen()) this.#joining.delete(userId);
    }
    return true;
  }

  /** Stores new metadata; those of who is still joining are stored by his joining. */
  async #update(member: RoomMember): Promise<void> {
    if (this.#joining.has(member.userId)) this.#members.add(member);
    else await this.#members.set(member);
  }

  async leave(userId: string): Promise<boolean> {
    const wasMember = await this.#remove(userId, "left");
    // Also of who is none: whoever was put out for failed calls would join again by himself.
    await this.#tellUser(userId);
    return wasMember;
  }

  memberLeaves(userId: string): Promise<boolean> {
    return this.#remove(userId, "left");
  }

  async broadcast(event: string, data?: unknown, options?: BroadcastOptions): Promise<number> {
    return this.broadcastFrame(encode(event, data), options);
  }

  async broadcastFrame(frame: string, options?: BroadcastOptions): Promise<number> {
    return this.#send(frame, options, this.#listen());
  }

  /** @throws PersistError of what the hook that `hearer` is of has changed: it hears of that also where it doesn't await the answer. */
  #send(frame: string, options: BroadcastOptions = {}, hearer: Hearer): Promise<number> {
    return this.#pass(hearer, async () => {
      const recipients = this.#recipients(options);
      const deliveries = await Promise.all(recipients.map((userId) => this.#fanOut.send(userId, frame)));
      return deliveries.filter((delivery) => delivery === "delivered").length;
    });
  }

  /** Lets out what tells somebody of the state, in order. @throws PersistError of what the hearer doesn't know of yet. */
  #pass<Result>(hearer: Hearer, tell: () => Result | Promise<Result>): Promise<Result> {
    return hearer.pass(() => this.#store.settled(), tell);
  }

  async getMembers(): Promise<RoomMember[]> {
    return this.#members.all();
  }

  async getMemberCount(): Promise<number> {
    return this.#members.size;
  }

  async hasMember(userId: string): Promise<boolean> {
    return this.#members.get(userId) !== undefined;
  }

  async updateMemberMetadata(userId: string, metadata: object): Promise<boolean> {
    checkMetadata(userId, metadata);
    const member = this.#members.get(userId);
    if (member === undefined) return false;
    await this.#update({ ...member, metadata });
    return true;
  }

  async getRoomState(): Promise<State> {
    return this.#pass(this.#listen(), () => this.#store.copy());
  }

  async setRoomState(changes: Partial<State>): Promise<void> {
    checkChanges(changes);
    const hearer = this.#listen();
    const { state } = this.#store;
    // Without a definition any key will do, but one that would set the state's prototype.
    const initial = this.#definition.state;
    const { persistedKeys } = this.#store.whole;
    // A hook may have deleted one, and one that is optional has no value yet.
    const isKnown = (key: string) =>
      initial === undefined
        ? key !== "__proto__"
        : persistedKeys.includes(key) || Object.hasOwn(state, key) || Object.hasOwn(initial, key);
    const unknown = Object.keys(changes).filter((key) => !isKnown(key));
    if (unknown.length > 0) {
      throw new ConnectionError(
        "UNKNOWN_KEY",
        `the room "${this.#around.name}" has no ${unknown.map((key) => `"${key}"`).join(", ")} in its state; add it to "state" in createRoomHandler's definition`,
      );
    }
    this.#store.transaction(() => Object.assign(state, changes));
    hearer.check(await this.#store.flush());
  }

  /** Runs what the class of the room has of its own. */
  async run<Result>(fn: (room: RoomContext<Env, State>) => Result | Promise<Result>): Promise<Result> {
    const hearer = this.#listen();
    const result = await fn(this.#createContext(hearer));
    return this.#pass(hearer, () => result);
  }

  async destroy(): Promise<void> {
    // By a hook of this very end, as an onLeave that destroys rooms that are empty.
    if (this.#isEnding) return;
    this.#isEnding = true;
    try {
      await this.#putAllOut();
      await this.#definition.onDestroy?.(this.#createContext());
      do {
        // Who has joined meanwhile: else his row would be erased, and he be a member until the room leaves memory.
        await this.#putAllOut();
        await this.#store.erase();
      } while (this.#members.size > 0);
    } finally {
      this.#isEnding = false;
    }
  }

  async #putAllOut(): Promise<void> {
    // Also who joins while the others are told.
    while (this.#members.size > 0)
      for (const { userId } of this.#members.all())
        if (await this.#remove(userId, "destroyed")) await this.#tellUser(userId);
  }

  async #onCall(userId: string, delivery: Delivery, error: unknown): Promise<void> {
    if (delivery === "delivered") {
      this.#failures.delete(userId);
      return;
    }
    if (delivery === "failed") this.#report(error);
    const before = this.#failures.get(userId);
    if (before === undefined) return;
    const failures = before + 1;
    this.#failures.set(userId, failures);
    const max = this.#definition.maxDeliveryFailures ?? DEFAULT_MAX_DELIVERY_FAILURES;
    if (failures < max || !(await this.#remove(userId, "unreachable"))) return;
    // Who is offline comes back by himself: his object joins him to his rooms again. One whose calls failed may be connected all the while.
    if (delivery === "failed")
      void this.#around.user(userId).wasPutOut(this.#around.name).catch(this.#report);
  }

  async #remove(userId: string, reason: LeaveReason): Promise<boolean> {
    const member = this.#members.get(userId);
    if (member === undefined) return false;
    this.#failures.delete(userId);
    this.#joining.delete(userId);
    await this.#members.delete(userId);
    const hearer = this.#listen();
    try {
      await this.#definition.onLeave?.(this.#createContext(hearer), member, reason);
      await this.#pass(hearer, () => {});
    } catch (error) {
      this.#report(error);
    }
    return true;
  }

  /** Else the user's object would join the user again at the next connection after a crash. */
  async #tellUser(userId: string): Promise<void> {
    try {
      await this.#around.user(userId).leftRoom(this.#around.name);
    } catch (error) {
      this.#report(error);
    }
  }

  #recipients(options: BroadcastOptions): string[] {
    checkBroadcastOptions(options);
    const { userIds, exceptUserId } = options;
    const candidates =
      userIds === undefined ? this.#members.all().map(({ userId }) => userId) : [...new Set(userIds)];
    return candidates.filter((userId) => userId !== exceptUserId && this.#members.get(userId) !== undefined);
  }

  readonly #report = (thrown: unknown): void => {
    const error = toError(thrown);
    const { onError } = this.#definition;
    void tellError(error, onError && (() => onError.call(this.#definition, error, this.#createContext())));
  };
}

/** What `setRoomState` gives a room without a definition of its own has no keys known before: it is stored as one value. */
async function openRoomStore<Env, State extends object>(
  definition: RoomDefinition<Env, State>,
  { storage, onFlush }: RoomSurroundings<Env>,
  unsaved: Failures,
): Promise<RoomStore<State>> {
  const { state } = definition;
  const listening = onFlush && { onFlush };
  if (state !== undefined) {
    const persistedKeys = definition.persistedKeys ?? (Object.keys(state) as (keyof State & string)[]);
    const store = await openStore(
      storage,
      {
        ...storeOptions<State>({ ...definition, persistedKeys }),
        ...listening,
      },
      unsaved,
    );
    return Object.assign(store, { whole: { persistedKeys, store } });
  }
  const persistedKeys = ["room"] as const;
  const store = await openStore<{ room: object }>(
    storage,
    {
      state: { room: {} },
      persistedKeys,
      persistOptions: { shallow: false },
      ...listening,
    },
    unsaved,
  );
  return {
    flush: () => store.flush(),
    settled: () => store.settled(),
    transaction: (fn) => store.transaction(fn),
    erase: () => store.erase(),
    get state() {
      // Without a definition the room's state is any object, and State its default, `object`.
      return store.state.room as State;
    },
    copy: () => store.copy().room as State,
    whole: { persistedKeys, store },
  };
}
