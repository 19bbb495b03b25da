// What do Map and Set cost?
import type { Collections, Engine } from "../engine.ts";
import { expect, ITEM_COUNT, ITEMS_SUM, makeItems, type TimedWork } from "./work.ts";

function emptyCollections(): Collections {
  return { tick: 0, map: new Map(), set: new Set() };
}
function fullCollections(): Collections {
  const { list } = makeItems();
  return {
    tick: 0,
    map: new Map(list.map((item) => [item.id, item])),
    set: new Set(list.map((item) => item.id)),
  };
}

/** A work that fills fresh collections, built outside the timing. */
function filling(
  name: string,
  title: string,
  unit: string,
  fill: (state: Collections, items: { id: number; v: number }[], engine: Engine) => void,
  size: (state: Collections, engine: Engine) => number,
): TimedWork {
  return {
    kind: "time",
    name,
    title,
    unit,
    setup(engine) {
      let inputs: { state: Collections; items: { id: number; v: number }[] }[] = [];
      let state = emptyCollections();
      const run = () => {
        const input = inputs.pop();
        if (!input) throw new Error(`[bench] ${name} ran out of input`);
        state = input.state;
        fill(state, input.items, engine);
      };
      const prepare = (runs: number) => {
        inputs = Array.from({ length: runs }, () => ({
          state: engine.reactive(emptyCollections()),
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
          expect(`${engine.name}: size`, size(state, engine), ITEM_COUNT);
        },
      };
    },
  };
}

export const mapSet = filling(
  "map-set",
  "Map.set 1,000 objects",
  "set",
  (state, items, { access }) => {
    for (const item of items) access.mapSet(state, item.id, item);
  },
  (state, { access }) => access.mapSize(state),
);

export const setAdd = filling(
  "set-add",
  "Set.add 1,000 numbers",
  "add",
  (state, items) => {
    const set = state.set;
    for (const item of items) set.add(item.id);
  },
  (state) => state.set.size,
);

/** A work that reads full collections, untracked. */
function reading(
  name: string,
  title: string,
  unit: string,
  read: (state: Collections, engine: Engine) => number,
  wanted: number,
): TimedWork {
  return {
    kind: "time",
    name,
    title,
    unit,
    setup(engine) {
      const state = engine.reactive(fullCollections());
      let result = 0;
      const run = () => {
        result = read(state, engine);
      };
      return {
        unitsPerRun: ITEM_COUNT,
        run,
        check() {
          run();
          expect(`${engine.name}: ${name}`, result, wanted);
        },
      };
    },
  };
}

export const mapGet = reading(
  "map-get",
  "Map.get(k).v, untracked",
  "get",
  (state, { access }) => {
    let sum = 0;
    for (let i = 0; i < ITEM_COUNT; i++) sum += access.mapGet(state, i);
    return sum;
  },
  ITEMS_SUM,
);

export const mapIterate = reading(
  "map-iterate",
  "for..of a Map of 1,000 objects, untracked",
  "entry",
  (state) => {
    let sum = 0;
    for (const [, item] of state.map) sum += item.v;
    return sum;
  },
  ITEMS_SUM,
);

export const setHas = reading(
  "set-has",
  "Set.has, untracked",
  "has",
  (state) => {
    let found = 0;
    const set = state.set;
    for (let i = 0; i < ITEM_COUNT; i++) if (set.has(i)) found++;
    return found;
  },
  ITEM_COUNT,
);

export const setIterate = reading(
  "set-iterate",
  "for..of a Set of 1,000 numbers, untracked",
  "value",
  (state) => {
    let sum = 0;
    for (const value of state.set) sum += value;
    return sum;
  },
  (ITEM_COUNT * (ITEM_COUNT - 1)) / 2,
);
