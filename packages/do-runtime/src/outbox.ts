// Everything an object tells somebody goes through here: in order, and never ahead of the change it may speak of.
import type { Gate, Hearer } from "./failures.ts";

const OPEN = 1;

/** Sends frames, holding back those whose changes aren't stored yet. */
export class Outbox {
  readonly #gate: Gate;
  readonly #onFailure: (reason: unknown) => void;
  readonly #isInTransaction: () => boolean;
  /** When the last frame that waits may be sent, and what the gate had its sender wait for. */
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
  send(ws: WebSocket, frame: string, hearer: Hearer): Promise<boolean> {
    const turn = hearer.ask(this.settled);
    if (turn === undefined) return Promise.resolve(sendNow(ws, frame));
    const sent = hearer.after(turn, () => sendNow(ws, frame), this.#onFailure);
    // Who awaits it inside a transaction must not wait for the transaction's end.
    return this.#isInTransaction() ? Promise.resolve(isOpen(ws)) : sent;
  }

  /** The gate, for who comes after all frames that wait. */
  readonly settled: Gate = () => {
    const safe = this.#gate();
    const last = this.#turn;
    // Frames of one commit wait for one promise, which calls them in order.
    if (safe === undefined || safe === this.#safe) return last;
    const turn = last === undefined ? safe : last.then(() => safe);
    this.#turn = turn;
    this.#safe = safe;
    const isOver = () => {
      if (this.#turn === turn) this.#turn = this.#safe = undefined;
    };
    void turn.then(isOver);
    return turn;
  };
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
