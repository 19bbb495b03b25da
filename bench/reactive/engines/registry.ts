// The engines by name: what the parent process has to know of each without loading it.
import type { Engine } from "../engine.ts";

export interface EngineEntry {
  readonly name: string;
  /** "reference" sets the limits, "peer" tracks reads and hands out tracked values, "other" does only part of that. */
  readonly kind: "ours" | "peer" | "other" | "reference";
  /** Flags for the Node process that runs it. */
  readonly flags?: readonly string[];
  /** The only works it is put to; all where this is missing. */
  readonly only?: readonly string[];
  /** Works this engine has no counterpart for, and why. */
  readonly lacks: Readonly<Record<string, string>>;
  load(): Promise<Engine>;
}

const noEffects = {
  "create-effect": "no effects",
  "write-1-effect": "no effects",
  "write-100-effects": "no effects",
  "batch-1000": "no effects",
  "memory-effect": "no effects",
};
const noCollections = {
  "map-set": "Map is not supported",
  "map-get": "Map is not supported",
  "map-iterate": "Map is not supported",
  "set-add": "Set is not supported",
  "set-has": "Set is not supported",
  "set-iterate": "Set is not supported",
};
const noTracker = {
  "write-held-dirty": "no dirty tracking",
  "dirty-flush-1": "no dirty tracking",
  "dirty-flush-100": "no dirty tracking",
};
const otherSyntax = Object.fromEntries(
  [
    "for-of",
    "for-of-effect",
    "map-filter",
    "map-filter-effect",
    "includes",
    "index-read",
    "index-write",
    "json",
    "map-iterate",
    "set-add",
    "set-has",
    "set-iterate",
  ].map((work) => [work, "values are read through .get(), which hands out the plain array"]),
);

const depths = [0, 1, 2, 3, 4, 5].flatMap((depth) => [`read-depth-${depth}`, `write-depth-${depth}`]);

export const ENGINES: readonly EngineEntry[] = [
  {
    name: "dormouse",
    kind: "ours",
    lacks: {},
    load: async () => (await import("./dormouse.ts")).engine,
  },
  {
    name: "dormouse-shallow",
    kind: "other",
    only: depths,
    lacks: {},
    load: async () => (await import("./dormouse-shallow.ts")).engine,
  },
  {
    name: "vue",
    kind: "peer",
    lacks: noTracker,
    load: async () => (await import("./vue.ts")).engine,
  },
  {
    name: "mobx",
    kind: "peer",
    lacks: noTracker,
    load: async () => (await import("./mobx.ts")).engine,
  },
  {
    name: "valtio",
    kind: "other",
    lacks: { ...noTracker },
    load: async () => (await import("./valtio.ts")).engine,
  },
  {
    name: "deepsignal",
    kind: "peer",
    lacks: { ...noTracker, ...noCollections },
    load: async () => (await import("./deepsignal.ts")).engine,
  },
  {
    name: "alien-deepsignals",
    kind: "peer",
    lacks: { ...noTracker, ...noCollections },
    load: async () => (await import("./alien-deepsignals.ts")).engine,
  },
  {
    name: "solid-store",
    kind: "peer",
    // Node's own condition would load the server build, which tracks nothing.
    flags: ["--conditions=browser"],
    lacks: { ...noTracker, ...noCollections },
    load: async () => (await import("./solid-store.ts")).engine,
  },
  {
    name: "legend-state",
    kind: "peer",
    lacks: { ...noTracker, ...otherSyntax },
    load: async () => (await import("./legend-state.ts")).engine,
  },
  {
    name: "signals-by-hand",
    kind: "reference",
    lacks: Object.fromEntries(
      [
        ...Object.keys(noTracker),
        ...Object.keys(noCollections),
        ...Object.keys(otherSyntax),
        "create",
        "create-effect",
        "write-held",
        "push",
        "shift-push",
        "splice",
      ].map((work) => [work, "one signal a leaf, written by hand: nothing to compare"]),
    ),
    load: async () => (await import("./signals-by-hand.ts")).engine,
  },
  {
    name: "signals-every-level",
    kind: "reference",
    only: ["read-path", "reread-path", "rerun-250", "write-leaf", "write-1-effect", "write-100-effects"],
    lacks: {},
    load: async () => (await import("./signals-every-level.ts")).engine,
  },
  {
    name: "bare-proxy",
    kind: "reference",
    lacks: { ...noTracker, ...noEffects, ...noCollections },
    load: async () => (await import("./bare-proxy.ts")).engine,
  },
  {
    name: "bare-proxy-reflect",
    kind: "reference",
    lacks: { ...noTracker, ...noEffects, ...noCollections },
    load: async () => (await import("./bare-proxy-reflect.ts")).engine,
  },
  {
    name: "per-write",
    kind: "reference",
    only: depths,
    lacks: {},
    load: async () => (await import("./per-write.ts")).deep,
  },
  {
    name: "per-write-shallow",
    kind: "reference",
    only: depths,
    lacks: {},
    load: async () => (await import("./per-write.ts")).shallow,
  },
  {
    name: "plain",
    kind: "reference",
    lacks: { ...noTracker, ...noEffects, "memory-untracked": "nothing is added to the object" },
    load: async () => (await import("./plain.ts")).engine,
  },
];

export function findEngine(name: string): EngineEntry {
  const entry = ENGINES.find((engine) => engine.name === name);
  if (!entry)
    throw new Error(
      `[bench] no engine "${name}"; there are ${ENGINES.map((engine) => engine.name).join(", ")}`,
    );
  return entry;
}

/** Why the engine is not put to a work; `undefined` where it is. */
export function reasonToSkip(engine: EngineEntry, work: string): string | undefined {
  if (engine.only !== undefined && !engine.only.includes(work)) return "only put to some works";
  return engine.lacks[work];
}
