// A room's broadcast: one frame to many users' objects, in order for each of them, and never too many calls at once.

/** Calls under way at once. More does not help a single object's one thread, and each holds memory (docs/scaling.md has the measurements). */
export const MAX_CALLS = 64;
/** Frames that may wait for one user whose object doesn't answer; beyond it they count as failed. */
export const MAX_WAITING_FRAMES = 1000;

/**
 * How long the frames of one call may be together, in UTF-16 units, of which one takes up to two bytes. "The maximum serialized RPC limit is 32 MiB"
 * (developers.cloudflare.com/workers/runtime-apis/rpc), and a call beyond it would lose all of them.
 */
export const MAX_CALL_LENGTH = 8 * 1024 * 1024;

/** Hands frames to one user's object; resolves to how many sockets they reached. */
export type Deliver = (userId: string, frames: readonly string[]) => Promise<number>;

interface Waiting {
  readonly frame: string;
  readonly settle: (outcome: Delivery) => void;
}

/** How it went for one user. */
export type Delivery = "delivered" | "offline" | "failed";

/** Hears of each call's outcome, once however many frames it carried, before those who sent them. Must not reject. */
export type OnCall = (userId: string, outcome: Delivery, error: unknown) => Promise<void>;

interface Lane {
  readonly userId: string;
  readonly waiting: Waiting[];
  isQueued: boolean;
}

/**
 * Delivers frames with at most one call a user under way, and at most `maxCalls` in all. Frames that come while a user's call is under
 * way go together with the next: under load there are fewer calls than frames.
 */
export class FanOut {
  readonly #deliver: Deliver;
  readonly #onCall: OnCall;
  readonly #maxCalls: number;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready: Lane[] = [];
  #calls = 0;

  constructor(deliver: Deliver, onCall: OnCall, maxCalls = MAX_CALLS) {
    this.#deliver = deliver;
    this.#onCall = onCall;
    this.#maxCalls = maxCalls;
  }

  /** Frames given for one user arrive in the order given. Never rejects. */
  send(userId: string, frame: string): Promise<Delivery> {
    let lane = this.#lanes.get(userId);
    if (lane === undefined) {
      lane = { userId, waiting: [], isQueued: false };
      this.#lanes.set(userId, lane);
    }
    if (lane.waiting.length >= MAX_WAITING_FRAMES) return Promise.resolve("failed");
    const { promise, resolve } = Promise.withResolvers<Delivery>();
    lane.waiting.push({ frame, settle: resolve });
    this.#enqueue(lane);
    return promise;
  }

  #enqueue(lane: Lane): void {
    if (lane.isQueued) return;
    lane.isQueued = true;
    this.#ready.push(lane);
    this.#work();
  }

  #work(): void {
    while (this.#calls < this.#maxCalls) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      this.#calls++;
      void this.#call(lane);
    }
  }

  async #call(lane: Lane): Promise<void> {
    let length = 0;
    const beyond = lane.waiting.findIndex(({ frame }) => (length += frame.length) > MAX_CALL_LENGTH);
    const batch = lane.waiting.splice(0, beyond === -1 ? lane.waiting.length : Math.max(beyond, 1));
    let outcome: Delivery;
    let error: unknown;
    try {
      const sockets = await this.#deliver(
        lane.userId,
        batch.map(({ frame }) => frame),
      );
      outcome = sockets > 0 ? "delivered" : "offline";
    } catch (thrown) {
      error = thrown;
      outcome = "failed";
    }
    const heard = this.#onCall(lane.userId, outcome, error);
    // The call is over: who hears of it may broadcast, and wait for calls that need its place.
    this.#calls--;
    lane.isQueued = false;
    if (lane.waiting.length > 0) this.#enqueue(lane);
    else this.#lanes.delete(lane.userId);
    this.#work();
    await heard;
    for (const { settle } of batch) settle(outcome);
  }
}
