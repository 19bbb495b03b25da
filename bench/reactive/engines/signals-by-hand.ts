// What one would write without an engine: plain objects, and one signal for each number.
import { batch, effect, signal, type Signal } from "@preact/signals-core";
import { plainAccess, WIDE_KEYS, type Engine } from "../engine.ts";

interface SignalPath {
  tick: Signal<number>;
  a: { b: { c: { d: Signal<number> } } };
}
interface SignalItems {
  tick: Signal<number>;
  list: { id: Signal<number>; v: Signal<number> }[];
}

const path = (state: unknown) => state as SignalPath;
const items = (state: unknown) => state as SignalItems;
const record = (state: unknown) => state as Record<string, Signal<number>>;

interface SignalLevel {
  v: Signal<number>;
  n?: SignalLevel;
}

function levelAt(state: unknown, depth: number): SignalLevel {
  let level: SignalLevel | undefined = state as SignalLevel;
  for (let i = 0; i < depth; i++) level = level?.n;
  if (level === undefined) throw new Error(`[bench] there is no level ${depth}`);
  return level;
}

function signalsFor(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return signal(value);
  if (Array.isArray(value)) return value.map(signalsFor);
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, signalsFor(child)]));
}

export const engine: Engine = {
  name: "signals-by-hand",
  reactive: (raw) => signalsFor(raw) as typeof raw,
  effect: (run) => effect(run),
  batch: (run) => batch(run),
  access: {
    ...plainAccess,
    tick: (state) => path(state).tick.value,
    setTick(state, value) {
      path(state).tick.value = value;
    },
    readLeaf: (state) => path(state).a.b.c.d.value,
    writeLeaf(state, value) {
      path(state).a.b.c.d.value = value;
    },
    touchWide(objects) {
      let sum = 0;
      for (const object of objects) for (const key of WIDE_KEYS) sum += record(object)[key]?.value ?? 0;
      return sum;
    },
    writeItem(state, index, value) {
      const item = items(state).list[index];
      if (item) item.v.value = value;
    },
    sumItems(state) {
      let sum = 0;
      const list = items(state).list;
      for (let i = 0, count = list.length; i < count; i++) sum += list[i]?.v.value ?? 0;
      return sum;
    },
    readDepth: (state, depth) => levelAt(state, depth).v.value,
    writeDepth(state, depth, value) {
      levelAt(state, depth).v.value = value;
    },
    readKey: (object, key) => record(object)[key]?.value,
    writeKey(object, key, value) {
      const held = record(object)[key];
      if (held) held.value = value as number;
    },
  },
};
