// What one would write by hand to follow what a deep engine follows: a signal at every level, so that any of them can be replaced.
import { batch, effect, signal, type Signal } from "@preact/signals-core";
import { plainAccess, type Engine } from "../engine.ts";

interface NestedPath {
  a: Signal<{ b: Signal<{ c: Signal<{ d: Signal<number> }> }> }>;
}

const path = (state: unknown) => state as NestedPath;

function signalsFor(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, signal(signalsFor(child))]));
}

export const engine: Engine = {
  name: "signals-nested",
  reactive: (raw) => signalsFor(raw) as typeof raw,
  effect: (run) => effect(run),
  batch: (run) => batch(run),
  access: {
    ...plainAccess,
    readLeaf: (state) => path(state).a.value.b.value.c.value.d.value,
    writeLeaf(state, value) {
      path(state).a.value.b.value.c.value.d.value = value;
    },
  },
};
