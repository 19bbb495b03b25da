// The board as this tab has it: a reactive copy, kept in step by patches. Whatever is drawn from it redraws itself.
import { applyPatches, batch, type Patch, reactive, signal } from "@dormouse/reactive";
import type { ClientStatus } from "@dormouse/do-runtime/client";
import { decode } from "../shared/codec.ts";
import type { BoardState } from "../shared/model.ts";

/** Everything that is drawn. */
export class Mirror {
  /** Undefined until the object has told it. */
  readonly state = signal<BoardState | undefined>(undefined);
  readonly link = signal<ClientStatus>("connecting");
  readonly tabs = signal(0);
  /** What was done here that the object hasn't been sent yet. */
  readonly waiting = signal(0);
  /** Whether no patch is missing between `state` and the next one. */
  #isInStep = false;

  /** The whole state, as it comes when a socket opens. */
  replace(encoded: unknown): void {
    const fresh = decode(encoded) as BoardState;
    const state = this.state.peek();
    if (state === undefined) this.state.value = reactive(fresh);
    else batch(() => bring(state, fresh));
    this.#isInStep = true;
  }

  /** The socket is gone: what is told from now on may build on what was missed, until the whole state comes again. */
  lose(): void {
    this.#isInStep = false;
  }

  /** What changed since. */
  apply(encoded: unknown): void {
    const state = this.state.peek();
    if (state === undefined || !this.#isInStep) return;
    batch(() => applyPatches(state, decode(encoded) as Patch[]));
  }
}

/**
 * Gives what `fresh` is, by changing `old`: what is in both stays the same object, and what is drawn from it stays where it is, with whatever somebody is
 * typing there. Things in lists are the same that share an `id`.
 */
function bring<T>(old: unknown, fresh: T): T {
  if (Array.isArray(old) && Array.isArray(fresh)) {
    const known = new Map(old.map((item) => [item.id, item]));
    old.splice(0, old.length, ...fresh.map((item) => bring(known.get(item.id), item)));
    return old as T;
  }
  if (!isPlain(old) || !isPlain(fresh)) return fresh;
  for (const [key, value] of Object.entries(fresh)) old[key] = bring(old[key], value);
  return old as T;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value?.constructor === Object;
