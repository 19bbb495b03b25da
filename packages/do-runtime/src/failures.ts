// Who has to hear that something could not be stored: every handler that was running when it failed, since nobody can tell whose change it was.
import { PersistError } from "./errors.ts";
import { logPersistError, type PersistedOptions } from "./persisted.ts";

/** Has `onError`, which may fail itself, hear of an error; without one the log does. Never rejects. */
export async function tellError(error: Error, onError: (() => unknown) | undefined): Promise<void> {
  try {
    if (onError === undefined) console.error(error);
    else await onError();
  } catch (failure) {
    console.error(failure);
  }
}

/** What could not be stored so far. */
export class Failures {
  readonly #numbers = new WeakMap<object, number>();
  /** How many there were, and the last of them; `note` alone changes that. */
  count = 0;
  last: PersistError | undefined;

  note(error: PersistError): void {
    this.last = error;
    this.#numbers.set(error, ++this.count);
  }

  /** What a store with these options calls when a key can't be stored. */
  listener({
    persistOptions,
    onPersistError = logPersistError,
  }: Pick<PersistedOptions<object>, "persistOptions" | "onPersistError">) {
    return (key: string, error: PersistError): void => {
      if (persistOptions?.throwOnError !== false) this.note(error);
      onPersistError(key, error);
    };
  }

  /** Whether an error is of one of the first `count` failures. */
  isAmong(error: unknown, count: number): boolean {
    // Of what is no object there is none.
    const number = this.#numbers.get(error as object);
    return number !== undefined && number <= count;
  }
}

/**
 * One handler's ear: it hears of each failure since it began, and of none before that.
 *
 * The gate tells a failure to whoever asks it first. Where that one began after the failure it was another's to hear, who heard of it by `check`.
 */
export class Hearer {
  readonly #failures: Failures;
  #heard: number;
  /** Once the handler has ended. */
  #onFailure: ((error: unknown) => void) | undefined;

  constructor(failures: Failures) {
    this.#failures = failures;
    this.#heard = failures.count;
  }

  /** It has been told. */
  catchUp(): void {
    this.#heard = this.#failures.count;
  }

  /** @throws PersistError of a failure that this handler doesn't know of yet. */
  check(): void {
    const { count, last } = this.#failures;
    if (count === this.#heard) return;
    this.catchUp();
    throw last;
  }

  /**
   * Sends what the gate lets out, unless there is a failure to hear of first. Where it can't be known that the answer `isAwaited`, the handler
   * hears of a failure again: with what it sends next, or when it ends.
   */
  tell<Result>(send: () => Result | Promise<Result>, isAwaited?: boolean): Promise<Result> {
    this.check();
    const known = this.#heard;
    const sent = this.#ask(send, known);
    if (!(sent instanceof Promise)) return Promise.resolve(sent);
    const told = sent.catch(async (error: unknown) => {
      try {
        if (this.#failures.isAmong(error, known)) return await send();
      } catch (newer) {
        // The handler may have ended meanwhile.
        this.#onFailure?.(newer);
        throw newer;
      }
      if (isAwaited) this.catchUp();
      throw error;
    });
    told.catch(() => {});
    return told;
  }

  /** Asks the gate at the end of a handler; `onFailure` hears of a failure that comes later. @throws PersistError of one since it began. */
  finish(gate: () => Promise<void> | undefined, onFailure: (error: unknown) => void): void {
    this.check();
    this.#onFailure = onFailure;
    const known = this.#heard;
    this.#ask(gate, known)?.catch((error: unknown) => {
      if (this.#failures.isAmong(error, known)) return;
      this.catchUp();
      onFailure(error);
    });
  }

  #ask<Answer>(gate: () => Answer, known: number): Answer {
    try {
      return gate();
    } catch (error) {
      if (this.#failures.isAmong(error, known)) return gate();
      if (error instanceof PersistError) this.catchUp();
      throw error;
    }
  }
}
