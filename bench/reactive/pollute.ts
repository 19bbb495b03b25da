// A real program is not monomorphic. Before a work is timed, some 160 shapes go through the same engine, so that its
// traps run on inline caches as they are in a program that has been up for a while.
import type { Engine } from "./engine.ts";

const SHAPES = 160;

export function pollute(engine: Engine, options: { arrays: boolean; collections: boolean }): void {
  const { access } = engine;
  for (let i = 0; i < SHAPES; i++) {
    const root = engine.reactive(shape(i, options));
    const visit = () => {
      access.readKey(root, `n${i}`);
      access.readKey(root, `s${i}`);
      const nested = access.child(root, "nested");
      if (typeof nested === "object" || typeof nested === "function") access.readKey(nested ?? {}, `m${i}`);
      if (options.arrays) readArray(access.child(root, "list"));
      if (options.collections) readCollections(access.child(root, "map"), access.child(root, "set"));
    };
    const change = () => {
      access.writeKey(root, `n${i}`, i + 1);
      const nested = access.child(root, "nested");
      if (typeof nested === "object" || typeof nested === "function")
        access.writeKey(nested ?? {}, `m${i}`, i + 2);
      if (options.arrays) (access.child(root, "list") as object[]).push({ [`q${i}`]: i });
      if (options.collections) {
        (access.child(root, "map") as Map<number, object>).set(i, { [`q${i}`]: i });
        (access.child(root, "set") as Set<number>).add(i + 1);
      }
    };
    for (let repeat = 0; repeat < 4; repeat++) {
      visit();
      change();
    }
    if (engine.effect) {
      const stop = engine.effect(visit, root);
      change();
      stop();
    }
  }
}

function shape(i: number, options: { arrays: boolean; collections: boolean }): Record<string, unknown> {
  const raw: Record<string, unknown> = {
    [`n${i}`]: i,
    [`s${i}`]: `text ${i}`,
    nested: { [`m${i}`]: i, inner: { x: i } },
  };
  if (options.arrays) raw["list"] = [{ [`q${i}`]: i }, { [`r${i}`]: i }];
  if (options.collections) {
    raw["map"] = new Map([[0, { [`q${i}`]: i }]]);
    raw["set"] = new Set([i]);
  }
  return raw;
}

function readArray(list: unknown): void {
  if (!Array.isArray(list)) return;
  for (const item of list) Object.keys(item);
  list.map((item: object) => item);
  list.includes(list[0]);
}

function readCollections(map: unknown, set: unknown): void {
  if (map instanceof Map)
    for (const [key, value] of map)
      if (map.get(key) !== value) throw new Error("[bench] a Map lost an entry");
  if (set instanceof Set) for (const value of set) set.has(value);
}
