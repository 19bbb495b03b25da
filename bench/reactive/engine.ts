// What every engine is measured through: how it makes a state reactive, and how its users read and write one.

export interface Path {
  tick: number;
  a: { b: { c: { d: number } } };
}
/** A number at depth 0, and below each `n` one a level deeper. */
export interface Level {
  v: number;
  n?: Level;
}
export interface Item {
  id: number;
  v: number;
}
export interface Items {
  tick: number;
  list: Item[];
}
/** An object of ten numbers, for memory. */
export type Wide = Record<string, number>;
/** 1,011 objects: the root, ten groups of 100 leaves. */
export interface Tree {
  tick: number;
  groups: Item[][];
}
export interface Collections {
  tick: number;
  map: Map<number, Item>;
  set: Set<number>;
}

/**
 * The bodies of the works in the engine's own syntax. Most engines hand out objects that are used like the plain ones;
 * one that wants `.get()` or `.value` overrides what differs. Each body does the same, whatever the engine.
 */
export interface Access {
  tick(state: { tick: number }): number;
  setTick(state: { tick: number }, value: number): void;
  /** Reads `state.a.b.c.d`. */
  readLeaf(state: Path): number;
  writeLeaf(state: Path, value: number): void;
  /** `state.a.b.c`, to write through later. */
  holdParent(state: Path): { d: number };
  writeHeld(parent: { d: number }, value: number): void;
  /** Reads every leaf below and gives their sum. */
  touchTree(tree: Tree): number;
  touchWide(objects: Wide[]): number;
  writeItem(state: Items, index: number, value: number): void;
  /** Reads `v` of every item by index. */
  sumItems(state: Items): number;
  list(state: Items): Item[];
  push(list: Item[], item: Item): void;
  length(state: Items): number;
  mapGet(state: Collections, key: number): number;
  mapSet(state: Collections, key: number, value: Item): void;
  mapSize(state: Collections): number;
  /** Reads `v` behind `depth` times `.n`, as `state.n.n.v`. */
  readDepth(state: Level, depth: number): number;
  writeDepth(state: Level, depth: number, value: number): void;
  readKey(object: object, key: string): unknown;
  writeKey(object: object, key: string, value: unknown): void;
  /** The tracked object under `key`. */
  child(object: object, key: string): unknown;
}

export interface DirtyTracker {
  take(): Map<PropertyKey, { readonly patches: readonly unknown[] | null }>;
}

export interface Engine {
  readonly name: string;
  reactive<T extends object>(raw: T): T;
  /**
   * Runs `run` now and again, synchronously, when something it read below `root` changed; returns what stops it.
   * An engine without it is measured by calling the body directly, where that makes sense.
   */
  readonly effect?: (run: () => void, root: object) => () => void;
  batch(run: () => void): void;
  /** Names the top-level keys changed since the last `take()`, with the patches below each. */
  readonly trackDirty?: (root: object) => DirtyTracker;
  readonly access: Access;
}

function levelAt(state: Level, depth: number): Level {
  let level: Level | undefined = state;
  for (let i = 0; i < depth; i++) level = level?.n;
  if (level === undefined) throw new Error(`[bench] there is no level ${depth}`);
  return level;
}

export const plainAccess: Access = {
  tick: (state) => state.tick,
  setTick(state, value) {
    state.tick = value;
  },
  readLeaf: (state) => state.a.b.c.d,
  writeLeaf(state, value) {
    state.a.b.c.d = value;
  },
  holdParent: (state) => state.a.b.c,
  writeHeld(parent, value) {
    parent.d = value;
  },
  touchTree(tree) {
    let sum = 0;
    const groups = tree.groups;
    for (let i = 0, groupCount = groups.length; i < groupCount; i++) {
      const group = groups[i];
      if (group === undefined) continue;
      for (let j = 0, count = group.length; j < count; j++) {
        const leaf = group[j];
        if (leaf !== undefined) sum += leaf.id + leaf.v;
      }
    }
    return sum;
  },
  touchWide(objects) {
    let sum = 0;
    for (let i = 0, count = objects.length; i < count; i++) {
      const object = objects[i];
      if (object === undefined) continue;
      for (const key of WIDE_KEYS) sum += object[key] ?? 0;
    }
    return sum;
  },
  writeItem(state, index, value) {
    const item = state.list[index];
    if (item !== undefined) item.v = value;
  },
  sumItems(state) {
    let sum = 0;
    const list = state.list;
    for (let i = 0, count = list.length; i < count; i++) sum += list[i]?.v ?? 0;
    return sum;
  },
  list: (state) => state.list,
  push(list, item) {
    list.push(item);
  },
  length: (state) => state.list.length,
  mapGet: (state, key) => state.map.get(key)?.v ?? Number.NaN,
  mapSet(state, key, value) {
    state.map.set(key, value);
  },
  mapSize: (state) => state.map.size,
  readDepth: (state, depth) => levelAt(state, depth).v,
  writeDepth(state, depth, value) {
    levelAt(state, depth).v = value;
  },
  readKey: (object, key) => (object as Record<string, unknown>)[key],
  writeKey(object, key, value) {
    (object as Record<string, unknown>)[key] = value;
  },
  child: (object, key) => (object as Record<string, unknown>)[key],
};

export const WIDE_KEYS = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"] as const;
