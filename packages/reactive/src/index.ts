export { batch, computed, effect, signal, untracked } from "@preact/signals-core";
export type { ReadonlySignal, Signal } from "@preact/signals-core";
export type { DirtyKey, DirtyTracker, TrackOptions } from "./dirty.js";
export { trackDirty } from "./dirty.js";
export type { Patch, Path } from "./patches.js";
export { applyPatches } from "./patches.js";
export { isReactive, reactive, shallowReactive, toRaw } from "./reactive.js";
