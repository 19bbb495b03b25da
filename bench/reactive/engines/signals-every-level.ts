// What one would write without an engine to notice what an engine notices: a signal for every property on the way, so that a
// replaced subtree re-runs its readers, too.
import { batch, effect, signal, type Signal } from "@preact/signals-core";
import { plainAccess, type Engine } from "../engine.ts";

interface Level {
  readonly [key: string]: Signal<unknown>;
}

function signalsFor(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, signal(signalsFor(child))]));
}

const below = (level: unknown, key: string) => (level as Level)[key]?.value;
const leafOf = (state: unknown) =>
  (below(below(below(state, "a"), "b"), "c") as Level | undefined)?.["d"] as Signal<number>;

export const engine: Engine = {
  name: "signals-every-level",
  reactive: (raw) => signalsFor(raw) as typeof raw,
  effect: (run) => effect(run),
  batch: (run) => batch(run),
  access: {
    ...plainAccess,
    tick: (state) => Number(below(state, "tick")),
    setTick(state, value) {
      (state as unknown as { tick: Signal<number> }).tick.value = value;
    },
    readLeaf: (state) => leafOf(state).value,
    writeLeaf(state, value) {
      leafOf(state).value = value;
    },
    readKey: (object, key) => below(object, key),
    writeKey(object, key, value) {
      const held = (object as Level)[key];
      if (held) held.value = value;
    },
    child: (object, key) => below(object, key),
  },
};
