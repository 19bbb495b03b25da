// What does it cost to make a tree of 1,011 objects reactive and to touch every leaf?
import type { Engine, Tree } from "../engine.ts";
import { expect, type TimedWork } from "./work.ts";

const GROUPS = 10;
const LEAVES = 100;
export const TREE_OBJECTS = 1 + GROUPS + GROUPS * LEAVES;

export function makeTree(): Tree {
  return {
    tick: 0,
    groups: Array.from({ length: GROUPS }, (_, g) =>
      Array.from({ length: LEAVES }, (__, i) => ({ id: g * LEAVES + i, v: i % 5 })),
    ),
  };
}

const TREE_SUM = makeTree()
  .groups.flat()
  .reduce((sum, leaf) => sum + leaf.id + leaf.v, 0);

function freshTrees() {
  let trees: Tree[] = [];
  return {
    prepare(runs: number) {
      trees = Array.from({ length: runs }, makeTree);
    },
    next(): Tree {
      return trees.pop() ?? makeTree();
    },
  };
}

export const create: TimedWork = {
  kind: "time",
  name: "create",
  title: "create and touch every leaf, untracked",
  unit: "object",
  setup(engine) {
    const fresh = freshTrees();
    let sum = 0;
    const run = () => {
      sum = engine.access.touchTree(engine.reactive(fresh.next()));
    };
    return {
      unitsPerRun: TREE_OBJECTS,
      prepare: fresh.prepare,
      run,
      check() {
        run();
        expect(`${engine.name}: sum of the leaves`, sum, TREE_SUM);
      },
    };
  },
};

export const createInEffect: TimedWork = {
  kind: "time",
  name: "create-effect",
  title: "the same inside an effect",
  unit: "object",
  setup(engine) {
    const fresh = freshTrees();
    let sum = 0;
    const run = () => {
      const tree = engine.reactive(fresh.next());
      touchInEffect(engine, tree, (found) => {
        sum = found;
      })();
    };
    return {
      unitsPerRun: TREE_OBJECTS,
      prepare: fresh.prepare,
      run,
      check() {
        const tree = engine.reactive(makeTree());
        let runs = 0;
        const stop = touchInEffect(engine, tree, () => {
          runs++;
        });
        engine.access.setTick(tree, 1);
        expect(`${engine.name}: effect runs`, runs, 2);
        stop();
        run();
        expect(`${engine.name}: sum of the leaves`, sum, TREE_SUM);
      },
    };
  },
};

function touchInEffect(engine: Engine, tree: Tree, done: (sum: number) => void): () => void {
  if (!engine.effect) throw new Error(`[bench] ${engine.name} has no effects`);
  return engine.effect(() => {
    engine.access.tick(tree);
    done(engine.access.touchTree(tree));
  }, tree);
}
