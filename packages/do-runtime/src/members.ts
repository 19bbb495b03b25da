// A room's members, one row each: joining a room of thousands writes one row, not all of them.
import { describe, type PersistError, unreadable } from "./errors.ts";
import type { RoomMember } from "./ports.ts";
import { MAX_LIST_KEYS } from "./limits.ts";

const MEMBER_PREFIX = "_dormouse:member:";

type Storage = Pick<DurableObjectStorage, "list" | "put" | "delete">;

const BACK = "who is missing is a member again at the next connection";

const isMember = (stored: unknown): stored is RoomMember =>
  typeof stored === "object" && stored !== null && typeof (stored as RoomMember).userId === "string";

/** The members in memory, and in storage. */
export class Members {
  readonly #storage: Storage;
  readonly #members = new Map<string, RoomMember>();
  /** When the last one joined. */
  #lastJoinedAt = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Members that can't be read keep the room from nothing else: `onError` hears of them. */
  async load(onError: (error: PersistError) => void): Promise<void> {
    const found: RoomMember[] = [];
    let startAfter: string | undefined;
    try {
      for (;;) {
        const options = { prefix: MEMBER_PREFIX, limit: MAX_LIST_KEYS };
        const rows = await this.#storage.list<unknown>(
          startAfter === undefined ? options : { ...options, startAfter },
        );
        for (const [row, member] of rows) {
          startAfter = row;
          if (isMember(member)) found.push(member);
          else onError(unreadable(row, BACK, new TypeError(`it is ${describe(member)}`)));
        }
        if (rows.size < MAX_LIST_KEYS) break;
      }
    } catch (cause) {
      onError(unreadable(`${MEMBER_PREFIX}...`, BACK, cause));
    }
    // Rows come in the order of their names; a program may make the first member the host.
    for (const member of found.toSorted((a, b) => a.joinedAt - b.joinedAt)) this.add(member);
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

  /** When the next one joins: later than all others, whatever the clock says, since after a wake nothing else tells their order. */
  nextJoinedAt(): number {
    return Math.max(Date.now(), this.#lastJoinedAt + 1);
  }

  /** In memory only. */
  add(member: RoomMember): void {
    this.#members.set(member.userId, member);
    // A row that somebody else wrote may have none.
    if (member.joinedAt > this.#lastJoinedAt) this.#lastJoinedAt = member.joinedAt;
  }

  async set(member: RoomMember): Promise<void> {
    const { userId } = member;
    const before = this.#members.get(userId);
    this.add(member);
    try {
      await this.#storage.put(MEMBER_PREFIX + userId, member);
    } catch (error) {
      // The name or the metadata can't be stored. Who has left meanwhile stays out.
      if (this.#members.get(userId) === member) {
        if (before === undefined) this.#members.delete(userId);
        else this.#members.set(userId, before);
      }
      throw error;
    }
  }

  async delete(userId: string): Promise<void> {
    this.#members.delete(userId);
    await this.#storage.delete(MEMBER_PREFIX + userId);
  }
}
