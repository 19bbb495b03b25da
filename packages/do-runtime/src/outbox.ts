// Everything an object tells somebody goes through here: in order, and never ahead of the change it may speak of.

/** `Store.beforeSend`: undefined when sending now is safe, else when it will be; throws or rejects when a change can't be stored. */
export type Gate = () => Promise<void> | undefined;

interface Waiting {
  readonly ws: WebSocket;
  readonly frame: string;
  readonly safe: Promise<void> | undefined;
  readonly settle: (sent: boolean) => void;
  readonly fail: (reason: unknown) => void;
}

const OPEN = 1;

/** Sends frames, holding back those whose changes aren't stored yet. */
export class Outbox {
  readonly #gate: Gate;
  readonly #onFailure: (reason: unknown) => void;
  readonly #isInTransaction: () => boolean;
  #waiting: Waiting[] = [];
  #isDraining = false;

  /** `onFailure` hears of every frame that is given up because its change couldn't be stored. */
  constructor(gate: Gate, onFailure: (reason: unknown) => void, isInTransaction: () => boolean) {
    this.#gate = gate;
    this.#isInTransaction = isInTransaction;
    this.#onFailure = onFailure;
  }

  /**
   * Sends one frame; answers whether the socket was open. A rejection that nobody awaits is not an unhandled one: `onFailure` has it.
   *
   * @throws PersistError when it is known already that a change before this frame can't be stored.
   */
  send(ws: WebSocket, frame: string): boolean | Promise<boolean> {
    const safe = this.#gate();
    if (safe === undefined && this.#waiting.length === 0 && !this.#isDraining) {
      return sendNow(ws, frame);
    }
    // It may fail while an earlier frame is still waited for, and is awaited only after that.
    safe?.catch(() => {});
    const sent = new Promise<boolean>((settle, fail) => {
      this.#waiting.push({ ws, frame, safe, settle, fail });
    });
    sent.catch(() => {});
    if (!this.#isDraining) void this.#drain();
    // Who awaits it inside a transaction must not wait for the transaction's end.
    return this.#isInTransaction() ? ws.readyState === OPEN : sent;
  }

  /** For what leaves by other ways (a Response, an RPC): resolves when every change so far may be spoken of. */
  ready(): Promise<void> | undefined {
    return this.#gate();
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      let passed: Promise<void> | undefined;
      for (const { ws, frame, safe, settle, fail } of batch) {
        try {
          // Frames of one group commit wait for one promise: ask it once.
          if (safe !== passed) await safe;
          passed = safe;
          settle(sendNow(ws, frame));
        } catch (reason) {
          this.#onFailure(reason);
          fail(reason);
        }
      }
    }
    this.#isDraining = false;
  }
}

/** Sends, unless the socket is closing or closed. */
export function sendNow(ws: WebSocket, frame: string): boolean {
  if (ws.readyState !== OPEN) return false;
  try {
    ws.send(frame);
    return true;
  } catch {
    // It closed in between; who was sent to hears of that by its close event.
    return false;
  }
}
