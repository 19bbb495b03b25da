// Everything an object tells somebody goes through here: in order, and never ahead of the change it may speak of.

/** `Store.beforeSend`: undefined when sending now is safe, else when it will be; throws or rejects when a change can't be stored. */
export type Gate = () => Promise<void> | undefined;

const OPEN = 1;

/** Sends frames, holding back those whose changes aren't stored yet. */
export class Outbox {
  readonly #gate: Gate;
  readonly #onFailure: (reason: unknown) => void;
  readonly #isInTransaction: () => boolean;
  #waiting = 0;
  /** When the last frame that waits may be sent, and what its sender waited for. */
  #turn: Promise<void> | undefined;
  #safe: Promise<void> | undefined;

  /** `onFailure` hears of every frame that is given up because its change couldn't be stored. */
  constructor(gate: Gate, onFailure: (reason: unknown) => void, isInTransaction: () => boolean) {
    this.#gate = gate;
    this.#isInTransaction = isInTransaction;
    this.#onFailure = onFailure;
  }

  /**
   * Sends one frame; answers whether the socket was open. It rejects where the frame is given up, of which `onFailure` has heard by then.
   *
   * @throws PersistError when it is known already that a change before this frame can't be stored.
   */
  send(ws: WebSocket, frame: string): boolean | Promise<boolean> {
    const safe = this.#gate();
    const turn = this.#nextTurn(safe);
    if (turn === undefined) return sendNow(ws, frame);
    this.#turn = turn;
    this.#safe = safe;
    this.#waiting++;
    const sent = turn.then(
      () => {
        this.#leave();
        return sendNow(ws, frame);
      },
      (reason: unknown) => {
        this.#leave();
        this.#onFailure(reason);
        throw reason;
      },
    );
    if (!this.#isInTransaction()) return sent;
    // Who awaits it inside a transaction must not wait for the transaction's end.
    sent.catch(() => {});
    return isOpen(ws);
  }

  /** When a frame may be sent that waits for `safe`: not before those that wait already, whatever becomes of them. */
  #nextTurn(safe: Promise<void> | undefined): Promise<void> | undefined {
    const last = this.#turn;
    if (last === undefined) return safe;
    // Frames of one commit wait for one promise, which calls them in order.
    if (safe === this.#safe) return last;
    return last.then(
      () => safe,
      () => safe,
    );
  }

  #leave(): void {
    this.#waiting--;
    if (this.#waiting === 0) this.#turn = undefined;
  }
}

export function isOpen(ws: WebSocket): boolean {
  return ws.readyState === OPEN;
}

/** Sends, unless the socket is closing or closed. */
export function sendNow(ws: WebSocket, frame: string): boolean {
  if (!isOpen(ws)) return false;
  try {
    ws.send(frame);
    return true;
  } catch {
    // It closed in between; who was sent to hears of that by its close event.
    return false;
  }
}
