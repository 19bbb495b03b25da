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

  /** The whole state, as it comes when a socket opens. */
  replace(encoded: unknown): void {
    this.state.value = reactive(decode(encoded) as BoardState);
  }

  /** What changed since. */
  apply(encoded: unknown): void {
    const state = this.state.peek();
    if (state === undefined) return;
    batch(() => applyPatches(state, decode(encoded) as Patch[]));
  }
}
