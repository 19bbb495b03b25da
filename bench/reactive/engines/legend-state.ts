// Legend-State reads and writes through .get() and .set() on every level.
import { batch, observable, observe, type Observable } from "@legendapp/state";
import { plainAccess, WIDE_KEYS, type Engine, type Item } from "../engine.ts";

/** What the works see as plain state is an observable here. */
const node = (state: unknown) => state as Observable;

function levelAt(state: unknown, depth: number): Observable | undefined {
  let level: Observable | undefined = node(state);
  for (let i = 0; i < depth; i++) level = level?.["n"];
  return level;
}

export const engine: Engine = {
  name: "legend-state",
  reactive: (raw) => observable(raw) as unknown as typeof raw,
  effect: (run) => observe(run),
  batch: (run) => batch(run),
  access: {
    ...plainAccess,
    tick: (state) => Number(node(state)["tick"]?.get()),
    setTick: (state, value) => node(state)["tick"]?.set(value),
    readLeaf: (state) => Number(node(state)["a"]?.["b"]?.["c"]?.["d"]?.get()),
    writeLeaf: (state, value) => node(state)["a"]?.["b"]?.["c"]?.["d"]?.set(value),
    writeHeld: (parent, value) => node(parent)["d"]?.set(value),
    holdParent: (state) => node(state)["a"]?.["b"]?.["c"] as unknown as { d: number },
    touchTree(tree) {
      let sum = 0;
      const groups = node(tree)["groups"];
      for (let i = 0, groupCount = Number(groups?.["length"]); i < groupCount; i++) {
        const group = groups?.[i];
        for (let j = 0, count = Number(group?.["length"]); j < count; j++) {
          const leaf = group?.[j];
          sum += Number(leaf?.["id"]?.get()) + Number(leaf?.["v"]?.get());
        }
      }
      return sum;
    },
    touchWide(objects) {
      let sum = 0;
      for (let i = 0, count = objects.length; i < count; i++) {
        const object = node(objects[i]);
        for (const key of WIDE_KEYS) sum += Number(object[key]?.get());
      }
      return sum;
    },
    writeItem: (state, index, value) => node(state)["list"]?.[index]?.["v"]?.set(value),
    sumItems(state) {
      let sum = 0;
      const list = node(state)["list"];
      for (let i = 0, count = Number(list?.["length"]); i < count; i++)
        sum += Number(list?.[i]?.["v"]?.get());
      return sum;
    },
    list: (state) => node(state)["list"] as unknown as Item[],
    length: (state) => Number(node(state)["list"]?.["length"]),
    mapGet: (state, key) => Number(node(node(state)["map"]?.get(key))["v"]?.get()),
    mapSet(state, key, value) {
      (node(state)["map"] as unknown as Map<number, Item>).set(key, value);
    },
    mapSize: (state) => Number(node(state)["map"]?.["size"]?.get()),
    readDepth: (state, depth) => Number(levelAt(state, depth)?.["v"]?.get()),
    writeDepth: (state, depth, value) => levelAt(state, depth)?.["v"]?.set(value),
    readKey: (object, key) => node(object)[key]?.get(),
    writeKey: (object, key, value) => node(object)[key]?.set(value),
    child: (object, key) => node(object)[key],
  },
};
