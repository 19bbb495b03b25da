// How many bytes does the engine hold for each property that was read?
import { WIDE_KEYS, type Wide } from "../engine.ts";
import { requireEffect } from "./effects.ts";
import { expect, type MemoryWork } from "./work.ts";

const OBJECTS = 10_000;

function heapUsed(): number {
  if (typeof globalThis.gc !== "function") throw new Error("[bench] run with --expose-gc to measure memory");
  for (let i = 0; i < 4; i++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Objects of ten numbers. */
function build(length: number): { objects: Wide[] } {
  return {
    objects: Array.from({ length }, (_, i) => Object.fromEntries(WIDE_KEYS.map((key) => [key, i]))),
  };
}

/** Bytes a property that `touch` adds to 10,000 objects of ten numbers. */
function measure(touch: (root: { objects: Wide[] }) => unknown): number {
  // Small trees first, so that code and feedback are not counted.
  for (let i = 0; i < 20; i++) touch(build(100));

  const raw = build(OBJECTS);
  const before = heapUsed();
  const held = touch(raw);
  const after = heapUsed();
  if (held === undefined || raw.objects.length !== OBJECTS) throw new Error("[bench] the state was dropped");
  return (after - before) / (OBJECTS * WIDE_KEYS.length);
}

const wideSum = (length: number) => ((length * (length - 1)) / 2) * WIDE_KEYS.length;

export const memoryUntracked: MemoryWork = {
  kind: "memory",
  name: "memory-untracked",
  title: "bytes held a property, read outside effects",
  unit: "property",
  measure: (engine) =>
    measure((raw) => {
      const state = engine.reactive(raw);
      expect(`${engine.name}: sum`, engine.access.touchWide(state.objects), wideSum(raw.objects.length));
      return state;
    }),
};

export const memoryInEffect: MemoryWork = {
  kind: "memory",
  name: "memory-effect",
  title: "... read in an effect",
  unit: "property",
  measure: (engine) =>
    measure((raw) => {
      const state = engine.reactive(raw);
      let sum = 0;
      const stop = requireEffect(engine)(() => {
        sum = engine.access.touchWide(state.objects);
      }, state);
      expect(`${engine.name}: sum`, sum, wideSum(raw.objects.length));
      return { state, stop };
    }),
};
