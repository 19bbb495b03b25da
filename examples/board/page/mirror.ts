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
  /** How many changes are in `state`; undefined: some were missed. */
  #number: number | undefined = undefined;

  /** The whole state, after `number` changes. */
  replace(encoded: unknown, number: number): void {
    const fresh = decode(encoded) as BoardState;
    const state = this.state.peek();
    if (state === undefined) this.state.value = reactive(fresh);
    else batch(() => bring(state, fresh, thingsIn(state)));
    this.#number = number;
  }

  /** The socket is gone: what is told from now on may build on what was missed, until the whole state comes again. */
  lose(): void {
    this.#number = undefined;
  }

  /**
   * The change of that number. Returns false, and waits for the whole state, where another is missing before it: after one that couldn't be stored, and
   * after a hibernation.
   */
  apply(encoded: unknown, number: number): boolean {
    const state = this.state.peek();
    if (state === undefined || this.#number === undefined) return true;
    if (number !== this.#number + 1) {
      this.lose();
      return false;
    }
    this.#number = number;
    const patches = decode(encoded) as Patch[];
    // A card that moves is told as one that goes and one that comes.
    const known = patches.some(({ op }) => op === "splice") ? thingsIn(state) : new Map<string, Thing>();
    batch(() => {
      for (const patch of patches) {
        applyPatches(state, [patch]);
        if (patch.op !== "splice" || patch.insert.length === 0) continue;
        const list = patch.path.reduce(
          (owner: object, key) => Reflect.get(owner, String(key)),
          state,
        ) as unknown[];
        const [from, to] = [patch.index, patch.index + patch.insert.length];
        list.splice(from, to - from, ...bringAll(list.slice(from, to), known));
      }
    });
    return true;
  }
}

type Thing = Record<string, unknown>;

const isThing = (value: unknown): value is Thing =>
  typeof value === "object" && value?.constructor === Object;

/** All that has an `id`, by it. */
function thingsIn(value: unknown, found = new Map<string, Thing>()): Map<string, Thing> {
  if (isThing(value) && typeof value["id"] === "string") found.set(value["id"], value);
  if (isThing(value) || Array.isArray(value))
    for (const inner of Object.values(value)) thingsIn(inner, found);
  return found;
}

/**
 * Gives what `fresh` is, by changing `old`: what is in both stays the same object, and what is drawn from it stays where it is, with whatever somebody is
 * typing there. Things in lists are the same that share an `id`, wherever they were.
 */
function bring(old: unknown, fresh: unknown, known: ReadonlyMap<string, Thing>): unknown {
  if (Array.isArray(old) && Array.isArray(fresh)) old.splice(0, old.length, ...bringAll(fresh, known));
  else if (isThing(old) && isThing(fresh))
    for (const [key, value] of Object.entries(fresh)) old[key] = bring(old[key], value, known);
  else return fresh;
  return old;
}

function bringAll(fresh: readonly unknown[], known: ReadonlyMap<string, Thing>): unknown[] {
  return fresh.map((item) => bring(isThing(item) ? known.get(String(item["id"])) : undefined, item, known));
}
