/** What the engine is built on, from one place: a bundler writes an import, with names of its own, for each module that has one. */
export { batch, computed, effect, Signal, signal, untracked } from "@preact/signals-core";
export type { ReadonlySignal } from "@preact/signals-core";
