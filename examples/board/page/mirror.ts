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
    this.state.value = reactive(decode(encoded) as BoardState);
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
