// What does JSON.stringify of an untracked tree cost?
import { makeTree, TREE_OBJECTS } from "./create.ts";
import { expect, type TimedWork } from "./work.ts";

export const json: TimedWork = {
  kind: "time",
  name: "json",
  title: "JSON.stringify, untracked",
  unit: "object",
  setup(engine) {
    const state = engine.reactive(makeTree());
    let text = "";
    const run = () => {
      text = JSON.stringify(state);
    };
    return {
      unitsPerRun: TREE_OBJECTS,
      run,
      check() {
        run();
        expect(`${engine.name}: JSON`, text, JSON.stringify(makeTree()));
      },
    };
  },
};
