// What does it cost to read and to write `s.a.b.c.d`?
import { expect, inEffect, makePath, type TimedWork } from "./work.ts";

const REPEAT = 250;

export const readPath: TimedWork = {
  kind: "time",
  name: "read-path",
  title: "untracked read `s.a.b.c.d`",
  unit: "path",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makePath(3));
    let sum = 0;
    const run = () => {
      sum = 0;
      for (let i = 0; i < REPEAT; i++) sum += access.readLeaf(state);
    };
    return {
      unitsPerRun: REPEAT,
      run,
      check() {
        run();
        expect(`${engine.name}: sum`, sum, 3 * REPEAT);
      },
    };
  },
};

export const rereadPath: TimedWork = {
  kind: "time",
  name: "reread-path",
  title: "the same re-read in a running effect",
  unit: "path",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makePath(3));
    let sum = 0;
    const run = inEffect(engine, state, () => {
      sum = 0;
      for (let i = 0; i < REPEAT * 4; i++) sum += access.readLeaf(state);
    });
    return {
      unitsPerRun: REPEAT * 4,
      run,
      check() {
        sum = 0;
        run();
        expect(`${engine.name}: sum`, sum, 3 * REPEAT * 4);
      },
    };
  },
};

export const rerunPaths: TimedWork = {
  kind: "time",
  name: "rerun-250",
  title: "effect re-run over 250 paths",
  unit: "path",
  setup(engine) {
    const { access } = engine;
    const trigger = engine.reactive(makePath(0));
    const states = Array.from({ length: REPEAT }, (_, i) => engine.reactive(makePath(i)));
    let sum = 0;
    const run = inEffect(engine, trigger, () => {
      sum = 0;
      for (let i = 0; i < REPEAT; i++) {
        const state = states[i];
        if (state !== undefined) sum += access.readLeaf(state);
      }
    });
    return {
      unitsPerRun: REPEAT,
      run,
      check() {
        sum = 0;
        run();
        expect(`${engine.name}: sum`, sum, (REPEAT * (REPEAT - 1)) / 2);
      },
    };
  },
};

export const writeLeaf: TimedWork = {
  kind: "time",
  name: "write-leaf",
  title: "write a depth-4 leaf, nobody observes",
  unit: "write",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makePath(0));
    let value = 0;
    const run = () => {
      for (let i = 0; i < REPEAT; i++) access.writeLeaf(state, ++value);
    };
    return {
      unitsPerRun: REPEAT,
      run,
      check() {
        run();
        expect(`${engine.name}: leaf`, access.readLeaf(state), value);
      },
    };
  },
};

export const writeHeld: TimedWork = {
  kind: "time",
  name: "write-held",
  title: "leaf write on a held parent",
  unit: "write",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makePath(0));
    const parent = access.holdParent(state);
    let value = 0;
    const run = () => {
      for (let i = 0; i < REPEAT; i++) access.writeHeld(parent, ++value);
    };
    return {
      unitsPerRun: REPEAT,
      run,
      check() {
        run();
        expect(`${engine.name}: leaf`, access.readLeaf(state), value);
      },
    };
  },
};
