// What does a write cost when effects observe it?
import type { Engine } from "../engine.ts";
import { expect, ITEM_COUNT, ITEMS_SUM, makeItems, makePath, type TimedWork } from "./work.ts";

function observedWrite(name: string, title: string, effects: number): TimedWork {
  return {
    kind: "time",
    name,
    title,
    unit: "write",
    setup(engine) {
      const { access } = engine;
      const effect = requireEffect(engine);
      const state = engine.reactive(makePath(0));
      let runs = 0;
      let seen = 0;
      for (let i = 0; i < effects; i++) {
        effect(() => {
          seen = access.readLeaf(state);
          runs++;
        }, state);
      }
      let value = 0;
      const run = () => access.writeLeaf(state, ++value);
      return {
        unitsPerRun: 1,
        run,
        check() {
          expect(`${engine.name}: first runs`, runs, effects);
          runs = 0;
          run();
          run();
          expect(`${engine.name}: re-runs`, runs, 2 * effects);
          expect(`${engine.name}: value seen`, seen, value);
        },
      };
    },
  };
}

export const writeOneEffect = observedWrite("write-1-effect", "write a leaf that 1 effect observes", 1);
export const writeHundredEffects = observedWrite("write-100-effects", "... 100 effects", 100);

export const batchOfWrites: TimedWork = {
  kind: "time",
  name: "batch-1000",
  title: "1,000 writes in a batch, one effect reads all",
  unit: "write",
  setup(engine) {
    const { access } = engine;
    const effect = requireEffect(engine);
    const state = engine.reactive(makeItems());
    let sum = 0;
    let runs = 0;
    effect(() => {
      sum = access.sumItems(state);
      runs++;
    }, state);
    let round = 0;
    const run = () => {
      round++;
      engine.batch(() => {
        for (let i = 0; i < ITEM_COUNT; i++) access.writeItem(state, i, round);
      });
    };
    return {
      unitsPerRun: ITEM_COUNT,
      run,
      check() {
        expect(`${engine.name}: first sum`, sum, ITEMS_SUM);
        runs = 0;
        round = 10;
        run();
        expect(`${engine.name}: re-runs`, runs, 1);
        expect(`${engine.name}: sum`, sum, 11 * ITEM_COUNT);
      },
    };
  },
};

export function requireEffect(engine: Engine): NonNullable<Engine["effect"]> {
  if (!engine.effect) throw new Error(`[bench] ${engine.name} has no effects`);
  return engine.effect;
}
