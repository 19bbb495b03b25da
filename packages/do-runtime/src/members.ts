// A room's members, one row each: joining a room of thousands writes one row, not all of them.
import type { RoomMember } from "./ports.ts";
import { MAX_LIST_KEYS } from "./limits.ts";

const MEMBER_PREFIX = "_dormouse:member:";

type Storage = Pick<DurableObjectStorage, "list" | "put" | "delete">;

/** The members in memory, and in storage. */
export class Members {
  readonly #storage: Storage;
  readonly #members = new Map<string, RoomMember>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async load(): Promise<void> {
    let startAfter: string | undefined;
    for (;;) {
      const options = { prefix: MEMBER_PREFIX, limit: MAX_LIST_KEYS };
      const rows = await this.#storage.list<RoomMember>(
        startAfter === undefined ? options : { ...options, startAfter },
      );
      for (const [key, member] of rows) {
        this.#members.set(member.userId, member);
        startAfter = key;
      }
      if (rows.size < MAX_LIST_KEYS) return;
    }
  }

  get size(): number {
    return this.#members.size;
  }

  get(userId: string): RoomMember | undefined {
    return this.#members.get(userId);
  }

  all(): RoomMember[] {
    return [...this.#members.values()];
  }

  async set(member: RoomMember): Promise<void> {
    const { userId } = member;
    const before = this.#members.get(userId);
    this.#members.set(userId, member);
    try {
      await this.#storage.put(MEMBER_PREFIX + userId, member);
    } catch (error) {
      // The name or the metadata can't be stored.
      if (before === undefined) this.#members.delete(userId);
      else this.#members.set(userId, before);
      throw error;
    }
  }

  async delete(userId: string): Promise<void> {
    this.#members.delete(userId);
    await this.#storage.delete(MEMBER_PREFIX + userId);
  }

  clear(): void {
    this.#members.clear();
  }
}
