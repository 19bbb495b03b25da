// What does a read and a write cost at depth 0 to 5?
import type { Engine, Level } from "../engine.ts";
import { expect, type TimedWork } from "./work.ts";

const REPEAT = 250;
const DEPTHS = [0, 1, 2, 3, 4, 5] as const;

function makeLevels(depth: number): Level {
  return depth === 0 ? { v: 1 } : { v: 1, n: makeLevels(depth - 1) };
}

function reading(depth: number): TimedWork {
  return {
    kind: "time",
    name: `read-depth-${depth}`,
    title: `read at depth ${depth}, untracked`,
    unit: "read",
    setup(engine) {
      const { access } = engine;
      const state = engine.reactive(makeLevels(5));
      let sum = 0;
      const run = () => {
        sum = 0;
        for (let i = 0; i < REPEAT; i++) sum += access.readDepth(state, depth);
      };
      return {
        unitsPerRun: REPEAT,
        run,
        check() {
          run();
          expect(`${engine.name}: sum`, sum, REPEAT);
        },
      };
    },
  };
}

function writing(depth: number): TimedWork {
  return {
    kind: "time",
    name: `write-depth-${depth}`,
    title: `write at depth ${depth}, nobody observes`,
    unit: "write",
    setup(engine: Engine) {
      const { access } = engine;
      const state = engine.reactive(makeLevels(5));
      let value = 1;
      const run = () => {
        for (let i = 0; i < REPEAT; i++) access.writeDepth(state, depth, ++value);
      };
      return {
        unitsPerRun: REPEAT,
        run,
        check() {
          run();
          expect(`${engine.name}: value`, access.readDepth(state, depth), value);
        },
      };
    },
  };
}

export const depthWorks = [...DEPTHS.map(reading), ...DEPTHS.map(writing)];
