// What does it cost to know what changed?
import type { DirtyTracker, Engine } from "../engine.ts";
import { makeTree } from "./create.ts";
import { expect, makePath, type TimedWork } from "./work.ts";

const REPEAT = 250;

export const writeHeldDirty: TimedWork = {
  kind: "time",
  name: "write-held-dirty",
  title: "leaf write on a held parent under `trackDirty`, already dirty",
  unit: "write",
  setup(engine) {
    const { access } = engine;
    const raw = makePath(0);
    const state = engine.reactive(raw);
    const tracker = track(engine, state);
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
        expect(`${engine.name}: dirty keys`, [...tracker.take().keys()].join(), "a");
        run();
        expect(`${engine.name}: leaf`, access.readLeaf(state), value);
      },
    };
  },
};

function flushing(name: string, title: string, leaves: number, unit: string): TimedWork {
  return {
    kind: "time",
    name,
    title,
    unit,
    setup(engine) {
      const state = engine.reactive(makeTree());
      const tracker = track(engine, state);
      const held = Array.from({ length: leaves }, (_, i) => {
        const leaf = state.groups[i % 10]?.[(i * 7) % 100];
        if (leaf === undefined) throw new Error("[bench] the tree has no such leaf");
        return leaf;
      });
      let value = 100;
      let keys = 0;
      let patches = 0;
      const run = () => {
        value++;
        for (let i = 0; i < leaves; i++) {
          const leaf = held[i];
          if (leaf !== undefined) leaf.v = value;
        }
        keys = 0;
        patches = 0;
        for (const change of tracker.take().values()) {
          keys++;
          patches += change.patches?.length ?? 0;
        }
      };
      return {
        unitsPerRun: unit === "flush" ? 1 : leaves,
        run,
        check() {
          run();
          expect(`${engine.name}: dirty keys`, keys, 1);
          expect(`${engine.name}: patches`, patches, leaves);
          expect(`${engine.name}: keys left`, tracker.take().size, 0);
        },
      };
    },
  };
}

export const flushOne = flushing(
  "dirty-flush-1",
  "write 1 leaf of 1,011 objects, take what is dirty",
  1,
  "flush",
);
export const flushHundred = flushing("dirty-flush-100", "... 100 leaves", 100, "write");

function track(engine: Engine, root: object): DirtyTracker {
  if (!engine.trackDirty) throw new Error(`[bench] ${engine.name} does not track what is dirty`);
  return engine.trackDirty(root);
}
