import * as fc from "fast-check";
import { storable } from "./values.ts";

/** The state that programs change: every kind of container, optional keys, and one key that is not persisted. */
export interface Board {
  step: number;
  text: string;
  list: unknown[];
  map: Map<unknown, unknown>;
  tags: Set<unknown>;
  tree: Record<string, unknown>;
  free?: unknown;
  online: boolean;
}

export const newBoard = (): Board => ({
  step: 0,
  text: "start",
  list: [{ n: 1 }, { n: 2 }],
  map: new Map<unknown, unknown>([["k", { n: 1 }]]),
  tags: new Set([1]),
  tree: { a: { b: { c: 1 } } },
  free: { default: true },
  online: false,
});

export const PERSISTED = ["step", "text", "list", "map", "tags", "tree", "free"] as const;

/** A change, which does the same to a plain object and to a reactive one. */
export interface Change {
  readonly name: string;
  readonly apply: (state: Board) => void;
}

/** One step of a program: changes of one turn, and how it ends. */
export interface Turn {
  readonly changes: readonly Change[];
  /** Sends something after the changes. */
  readonly sends: boolean;
  /** What happens after the turn. */
  readonly end: "flush" | "next" | "wake";
}

const change = (name: string, apply: (state: Board) => void): Change => ({ name, apply });
const nested = (tree: Record<string, unknown>, key: string): Record<string, unknown> => {
  const inner = tree[key];
  return typeof inner === "object" && inner !== null && Object.getPrototypeOf(inner) === Object.prototype
    ? (inner as Record<string, unknown>)
    : tree;
};

const name = fc.constantFrom("a", "b", "c", "0");
const small: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, true, -0, Number.NaN, 1, 2, "x", "€", 5n),
  fc.constant(0).map(() => ({ n: 0 })),
  fc.constant(0).map(() => [1, 2]),
);

// A program runs several times on several states: each application makes its values anew.
const valued = (
  text: string,
  arbitrary: fc.Arbitrary<unknown>,
  apply: (state: Board, value: unknown) => void,
): fc.Arbitrary<Change> =>
  arbitrary.map((value) =>
    change(`${text} ${fc.stringify(value)}`, (state) => apply(state, structuredClone(value))),
  );

const anyValue = fc.oneof({ weight: 3, arbitrary: small }, { weight: 1, arbitrary: storable });

const common: fc.Arbitrary<Change> = fc.oneof(
  fc
    .constantFrom("x", "start", "€")
    .map((text) => change(`text = ${text}`, (state) => void (state.text = text))),
  fc.constant(change("online", (state) => void (state.online = !state.online))),
  valued("free =", anyValue, (state, value) => void (state.free = value)),
  fc.nat(9).map((n) =>
    change(`free.n = ${n}`, ({ free }) => {
      if (typeof free === "object" && free !== null && "n" in free) free.n = n;
    }),
  ),
  fc.constant(change("delete free", (state) => void delete state.free)),
  valued(
    "list =",
    fc.array(small, { maxLength: 3 }),
    (state, value) => void (state.list = value as unknown[]),
  ),
  valued("push", anyValue, (state, value) => void state.list.push(value)),
  fc
    .tuple(fc.nat(3), fc.nat(2))
    .map(([at, count]) =>
      change(`splice ${at} ${count}`, (state) => void state.list.splice(at, count, { n: at })),
    ),
  valued("list[0] =", small, (state, value) => void (state.list[0] = value)),
  fc.constant(change("shift", (state) => void state.list.shift())),
  // oxlint-disable-next-line unicorn/no-array-reverse -- the mutation is what is tested
  fc.constant(change("reverse", (state) => void state.list.reverse())),
  fc.constant(
    change("list[0].n++", ({ list: [first] }) => {
      if (typeof first === "object" && first !== null && "n" in first) first.n = Number(first.n) + 1;
    }),
  ),
  fc
    .tuple(name, fc.nat(9))
    .map(([key, n]) => change(`map ${key}`, (state) => void state.map.set(key, { n }))),
  fc.constant(
    change("map.k.n++", (state) => {
      const inner = state.map.get("k") as { n: number } | undefined;
      if (inner !== undefined) inner.n++;
    }),
  ),
  fc.constant(change("map.delete", (state) => void state.map.delete("k"))),
  fc.constant(change("map.clear", (state) => state.map.clear())),
  valued("tags.add", small, (state, value) => void state.tags.add(value)),
  fc.constant(change("tags.delete", (state) => void state.tags.delete(1))),
  fc
    .tuple(name, name)
    .map(([outer, inner]) =>
      change(`tree.${outer}.${inner} = {}`, (s) => void (nested(s.tree, outer)[inner] = { n: 1 })),
    ),
  fc
    .tuple(name, name, fc.nat(5))
    .map(([outer, inner, n]) =>
      change(`tree.${outer}.${inner} = ${n}`, (state) => void (nested(state.tree, outer)[inner] = n)),
    ),
  fc
    .tuple(name, name)
    .map(([outer, inner]) =>
      change(`delete tree.${outer}.${inner}`, (state) => void delete nested(state.tree, outer)[inner]),
    ),
  // One object at two places of a key, and in two keys.
  fc.constant(change("alias", (state) => void (state.tree["c"] = nested(state.tree, "a")))),
  fc.constant(change("alias across keys", (state) => void state.list.push(nested(state.tree, "a")))),
);

// More than a slot of the log takes, and more than it takes as a record.
const large: fc.Arbitrary<Change> = fc
  .constantFrom(2_000, 20_000)
  .map((length) =>
    change(`free = large ${length}`, (state) => void (state.free = { text: "x".repeat(length), n: 0 })),
  );

export const changes: fc.Arbitrary<Change> = fc.oneof(
  { weight: 40, arbitrary: common },
  { weight: 1, arbitrary: large },
);

const turn: fc.Arbitrary<Turn> = fc.record({
  changes: fc.array(changes, { maxLength: 5 }),
  sends: fc.boolean(),

  end: fc.constantFrom("flush", "next", "wake"),
});

export const programs: fc.Arbitrary<readonly Turn[]> = fc.array(turn, { minLength: 1, maxLength: 6 });
