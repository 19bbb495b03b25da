// Who has to hear that something could not be stored: everybody who was at work when it failed, since nobody can tell whose change it was.
import type { PersistError } from "./errors.ts";

/** When what has changed until now is stored, or has failed; undefined: it is already. Never rejects. */
export type Gate = () => Promise<void> | undefined;

/** What could not be stored so far; `note` alone changes that. */
export class Failures {
  count = 0;
  last: PersistError | undefined;

  note(error: PersistError): void {
    this.last = error;
    this.count++;
  }
}

const ignore = (): void => {};

/** One handler's ear: it hears of each failure since it began, and of none before that. */
export class Hearer {
  readonly #failures: Failures;
  #heard: number;

  constructor(failures: Failures) {
    this.#failures = failures;
    this.#heard = failures.count;
  }

  /** It has been told. */
  catchUp(): void {
    this.#heard = this.#failures.count;
  }

  /** @throws PersistError where something is `unsaved`, or has failed that this handler doesn't know of yet. */
  check(unsaved?: PersistError): void {
    const { count, last } = this.#failures;
    if (unsaved === undefined && count === this.#heard) return;
    this.catchUp();
    throw unsaved ?? last;
  }

  /**
   * Does what tells somebody once the gate lets it out, unless there is a failure to hear of first. It throws where that is known already, and else
   * rejects; as nobody may be waiting for it, the handler hears of it again: with what it tells next, or when it ends.
   */
  pass<Result>(gate: Gate, tell: () => Result | Promise<Result>): Promise<Result> {
    return this.after(this.ask(gate) ?? Promise.resolve(), tell);
  }

  /** The same for who has asked the gate; `onFailure` hears of what it rejects with. */
  after<Result>(
    settled: Promise<void>,
    tell: () => Result | Promise<Result>,
    onFailure: (error: unknown) => void = ignore,
  ): Promise<Result> {
    const known = this.#heard;
    const told = settled.then(() => {
      if (this.#failures.count > known) throw this.#failures.last;
      return tell();
    });
    told.catch(onFailure);
    return told;
  }

  /** A handler has ended: `onFailure` hears of what fails until the gate would let something out. @throws PersistError of what has failed already. */
  finish(gate: Gate, onFailure: (error: unknown) => void): void {
    const hear = () => {
      try {
        this.check();
      } catch (error) {
        onFailure(error);
      }
    };
    void this.ask(gate)?.then(hear);
  }

  /** @throws PersistError of what had failed before: asked first, the gate would have it written again. And of what it says at once. */
  ask(gate: Gate): Promise<void> | undefined {
    this.check();
    const settled = gate();
    this.check();
    return settled;
  }
}
