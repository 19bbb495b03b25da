// When a group commit waits, and when it doesn't: waiting gathers the messages of one event-loop round into one commit, but a client that waits for
// each answer before it asks again would only be kept waiting.

/** So many rounds in a row must have gathered one message only: in a crowd, a single one happens. */
const LONELY_ROUNDS = 3;
/** Then so many flushes go at once before the next one waits again, to see whether messages come in numbers; twice as many each time they don't. */
const FIRST_SINGLES = 16;
const MAX_SINGLES = 256;

/** Schedules the flushes of a group commit by what the last ones gathered. */
export class Pace {
  #messages = 0;
  #lonelyRounds = 0;
  #singles = FIRST_SINGLES;
  #singlesLeft = 0;

  /** To be called with every message, before it is handled. */
  countMessage(): void {
    this.#messages++;
  }

  readonly schedule = (flush: () => void): void => {
    if (this.#singlesLeft > 0) {
      this.#singlesLeft--;
      queueMicrotask(flush);
      return;
    }
    const messages = this.#messages;
    setTimeout(() => {
      this.#learn(this.#messages > messages);
      flush();
    }, 0);
  };

  #learn(wasCrowd: boolean): void {
    if (wasCrowd) {
      this.#lonelyRounds = 0;
      this.#singles = FIRST_SINGLES;
      return;
    }
    this.#lonelyRounds++;
    if (this.#lonelyRounds < LONELY_ROUNDS) return;
    this.#singlesLeft = this.#singles;
    this.#singles = Math.min(this.#singles * 2, MAX_SINGLES);
  }
}
