// What do arrays of 1,000 objects cost: adding, iterating, searching, moving?
import type { Engine, Items } from "../engine.ts";
import { expect, inEffect, ITEM_COUNT, ITEMS_SUM, makeItems, type TimedWork } from "./work.ts";

export const push: TimedWork = {
  kind: "time",
  name: "push",
  title: "push 1,000 objects",
  unit: "push",
  setup(engine) {
    const { access } = engine;
    let inputs: { state: Items; items: Items["list"] }[] = [];
    let state = engine.reactive(makeItems(0));
    const run = () => {
      const input = inputs.pop();
      if (!input) throw new Error("[bench] push ran out of input");
      state = input.state;
      const list = access.list(state);
      for (const item of input.items) access.push(list, item);
    };
    const prepare = (runs: number) => {
      inputs = Array.from({ length: runs }, () => ({
        state: engine.reactive(makeItems(0)),
        items: makeItems().list,
      }));
    };
    return {
      unitsPerRun: ITEM_COUNT,
      prepare,
      run,
      check() {
        prepare(1);
        run();
        expect(`${engine.name}: length`, access.length(state), ITEM_COUNT);
        expect(`${engine.name}: sum`, access.sumItems(state), ITEMS_SUM);
      },
    };
  },
};

/** A work that visits the items of a list and sums `v`, outside and inside an effect. */
function visiting(
  name: string,
  titles: { untracked: string; tracked: string },
  visits: number,
  visit: (state: Items, engine: Engine) => number,
): [TimedWork, TimedWork] {
  const setup = (engine: Engine, tracked: boolean) => {
    const state = engine.reactive(makeItems());
    let sum = 0;
    const body = () => {
      sum = visit(state, engine);
    };
    const run = tracked ? inEffect(engine, state, body) : body;
    return {
      unitsPerRun: visits,
      run,
      check() {
        sum = 0;
        run();
        expect(`${engine.name}: sum`, sum, ITEMS_SUM);
      },
    };
  };
  return [
    { kind: "time", name, title: titles.untracked, unit: "item", setup: (engine) => setup(engine, false) },
    {
      kind: "time",
      name: `${name}-effect`,
      title: titles.tracked,
      unit: "item",
      setup: (engine) => setup(engine, true),
    },
  ];
}

export const [forOf, forOfInEffect] = visiting(
  "for-of",
  { untracked: "for..of 1,000 objects, untracked", tracked: "... effect re-run" },
  ITEM_COUNT,
  (state, { access }) => {
    let sum = 0;
    for (const item of access.list(state)) sum += item.v;
    return sum;
  },
);

export const [mapFilter, mapFilterInEffect] = visiting(
  "map-filter",
  { untracked: "map and filter, untracked", tracked: "... effect re-run" },
  2 * ITEM_COUNT,
  (state, { access }) => {
    const list = access.list(state);
    const values = list.map((item) => item.v);
    const even = list.filter((item) => item.id % 2 === 0);
    if (even.length * 2 !== values.length) throw new Error("[bench] filter lost items");
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
    return sum;
  },
);

const [indexRead] = visiting(
  "index-read",
  { untracked: "read `list[i].v`, untracked", tracked: "" },
  ITEM_COUNT,
  (state, { access }) => access.sumItems(state),
);
export { indexRead };

export const indexWrite: TimedWork = {
  kind: "time",
  name: "index-write",
  title: "write a number to `list[i]`",
  unit: "write",
  setup(engine) {
    const state = engine.reactive({ tick: 0, numbers: Array.from({ length: ITEM_COUNT }, () => 0) });
    const numbers = state.numbers;
    let round = 0;
    const run = () => {
      round++;
      for (let i = 0; i < ITEM_COUNT; i++) numbers[i] = round;
    };
    return {
      unitsPerRun: ITEM_COUNT,
      run,
      check() {
        run();
        expect(`${engine.name}: last number`, state.numbers[ITEM_COUNT - 1], round);
      },
    };
  },
};

export const shiftPush: TimedWork = {
  kind: "time",
  name: "shift-push",
  title: "shift + push on 1,000",
  unit: "pair",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makeItems());
    const list = access.list(state);
    let id = ITEM_COUNT;
    const run = () => {
      list.shift();
      access.push(list, { id: id++, v: 1 });
    };
    return {
      unitsPerRun: 1,
      run,
      check() {
        // Seven pairs: the first seven items held 0 to 6, those that came hold 1 each.
        for (let i = 0; i < 7; i++) run();
        expect(`${engine.name}: length`, access.length(state), ITEM_COUNT);
        expect(`${engine.name}: sum`, access.sumItems(state), ITEMS_SUM - 21 + 7);
      },
    };
  },
};

export const splice: TimedWork = {
  kind: "time",
  name: "splice",
  title: "splice out and in on 1,000",
  unit: "pair",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makeItems());
    const list = access.list(state);
    let id = ITEM_COUNT;
    const run = () => {
      list.splice(10, 1);
      list.splice(10, 0, { id: id++, v: 2 });
    };
    return {
      unitsPerRun: 1,
      run,
      check() {
        run();
        run();
        expect(`${engine.name}: length`, access.length(state), ITEM_COUNT);
        expect(`${engine.name}: sum`, access.sumItems(state), ITEMS_SUM - 3 + 2);
      },
    };
  },
};

export const includes: TimedWork = {
  kind: "time",
  name: "includes",
  title: "includes(last), 1,000 objects",
  unit: "search",
  setup(engine) {
    const { access } = engine;
    const state = engine.reactive(makeItems());
    const list = access.list(state);
    const last = list[ITEM_COUNT - 1];
    if (last === undefined) throw new Error("[bench] the list is empty");
    let found = 0;
    const run = () => {
      if (list.includes(last)) found++;
    };
    return {
      unitsPerRun: 1,
      run,
      check() {
        found = 0;
        run();
        expect(`${engine.name}: found`, found, 1);
      },
    };
  },
};
