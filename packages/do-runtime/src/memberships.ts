// The rooms a user is a member of, as the user's object knows them: stored, so that hibernation and crashes don't lose them.
import { reactive, toRaw } from "@dormouse/reactive";
import { describe, toError, unreadable } from "./errors.ts";
import type { RoomPort } from "./ports.ts";

const ROOMS_KEY = "_dormouse:rooms";

type Storage = Pick<DurableObjectStorage, "get" | "put" | "delete">;

/** What the platform says of an error that a call to another object comes to. */
interface CallError {
  /** Thrown by the code of that object. */
  readonly remote: boolean;
  /** That object, or one that it has called itself, was reset. */
  readonly durableObjectReset: boolean;
}

interface Surroundings {
  readonly storage: Storage;
  readonly userId: () => string;
  /** Whether somebody is connected: only then is there a close that ends the membership. */
  readonly isConnected: () => boolean;
  readonly room: (name: string) => RoomPort;
  readonly onError: (error: unknown) => void;
}

const isRooms = (stored: unknown): stored is Map<string, object> =>
  // The metadata may be anything: handlers pass on what clients send.
  stored instanceof Map && stored.keys().every((name) => typeof name === "string");

/**
 * Joins and leaves of one room go one after the other, so that a leave never overtakes the join that came after it. Those of another don't
 * wait for them: a room's hook may have its member join that one.
 */
export class Memberships {
  readonly #around: Surroundings;
  #rooms = new Map<string, object>();
  /** By room: what is over when all of its joins and leaves are. */
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** A list that can't be read keeps nobody from connecting: `onError` hears of it. */
  async load(): Promise<void> {
    const { storage, onError } = this.#around;
    try {
      const stored: unknown = (await storage.get(ROOMS_KEY)) ?? new Map();
      if (!isRooms(stored)) throw new TypeError(`it is ${describe(stored)}`);
      this.#rooms = stored;
    } catch (cause) {
      onError(unreadable(ROOMS_KEY, "the user is in no room until the next joinRoom()", cause));
    }
  }

  get names(): string[] {
    return [...this.#rooms.keys()];
  }

  /** Resolves to false, and does nothing, when nobody is connected. */
  join(name: string, metadata: object): Promise<boolean> {
    return this.#enqueue(name, async () => {
      if (!this.#around.isConnected()) return false;
      // They may be part of the state, or hold parts of it, whose proxies neither storage nor a call takes.
      const holder = reactive({ metadata: {} });
      holder.metadata = metadata;
      const plain = structuredClone(toRaw(holder).metadata);
      const before = this.#rooms.get(name);
      // Ours first: a crash in between leaves a room that rejoin() mends, not a member that nobody takes out again.
      this.#rooms.set(name, plain);
      try {
        await this.#save();
        await this.#join(name, plain);
      } catch (error) {
        // The room may have let him in even so: it broke while it did, or its answer was lost.
        if (before === undefined) this.leftRoom(name);
        else if (this.#rooms.has(name)) {
          this.#rooms.set(name, before);
          this.#save().catch(this.#around.onError);
        }
        throw error;
      }
      return true;
    });
  }

  leave(name: string): Promise<void> {
    return this.#enqueue(name, async () => {
      if (!this.#rooms.has(name)) return;
      await this.#around.room(name).memberLeaves(this.#around.userId());
      this.#removed(name);
    });
  }

  /** What can't be left now (the room is unreachable) stays in the list, and is left or joined again at the next occasion. */
  async leaveAll(): Promise<void> {
    // Also those whose joins have not begun.
    const names = new Set([...this.#tails.keys(), ...this.names]);
    await Promise.all([...names].map((name) => this.leave(name).catch(this.#around.onError)));
  }

  /**
   * Nothing is left in the list. Resolves when the rooms have let the user go with which nothing was going on: another one's hook may be waiting for
   * who calls this.
   */
  async forget(): Promise<void> {
    const idle = this.names.filter((name) => !this.#tails.has(name));
    for (const name of this.names) this.leftRoom(name);
    await Promise.all(idle.map((name) => this.#tails.get(name)));
  }

  /** After a crash no close event took the user out, but rooms may have given up on him: tells them that he is back. */
  async rejoin(names = this.names): Promise<void> {
    const rejoining = names.map((name) =>
      this.#enqueue(name, async () => {
        const metadata = this.#rooms.get(name);
        if (metadata !== undefined && this.#around.isConnected()) await this.#join(name, metadata, true);
      }).catch((thrown: unknown) => {
        this.#around.onError(thrown);
        // Thrown by the room, which refuses him. The next occasion is for one that can't be reached, or whose hook couldn't reach another object.
        const { remote, durableObjectReset } = toError(thrown) as Error & Partial<CallError>;
        if (remote && !durableObjectReset) this.leftRoom(name);
      }),
    );
    await Promise.all(rejoining);
  }

  /** The room put the user out. */
  leftRoom(name: string): void {
    if (!this.#removed(name)) return;
    // A join of this user's may have crossed that: then he would be a member whom nobody takes out again.
    // Where the room can't be told it finds out by itself, once it can't reach him.
    this.#enqueue(name, async () => {
      if (!this.#rooms.has(name)) await this.#around.room(name).memberLeaves(this.#around.userId());
    }).catch(() => {});
  }

  #removed(name: string): boolean {
    const wasListed = this.#rooms.delete(name);
    if (wasListed) this.#save().catch(this.#around.onError);
    return wasListed;
  }

  /** Rejects as well where the room has no binding any more: that must keep nobody from connecting. */
  async #join(name: string, metadata: object, isBack?: boolean): Promise<void> {
    await this.#around.room(name).join(this.#around.userId(), metadata, isBack);
  }

  #save(): Promise<unknown> {
    const { storage } = this.#around;
    return this.#rooms.size === 0 ? storage.delete(ROOMS_KEY) : storage.put(ROOMS_KEY, this.#rooms);
  }

  #enqueue<T>(name: string, task: () => Promise<T>): Promise<T> {
    const run = (this.#tails.get(name) ?? Promise.resolve()).then(task);
    const isOver = () => {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
    };
    const tail = run.then(isOver, isOver);
    this.#tails.set(name, tail);
    return run;
  }
}
