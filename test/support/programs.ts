import * as fc from "fast-check";
import { toRaw } from "@dormouse/reactive";

/**
 * Programs over nested objects, arrays, Map, Set and Date, which run in the same way on a plain tree and on a reactive one.
 *
 * A program says what it works on by number: the n-th container found by walking both trees side by side. So it
 * needs no names, can alias and make cycles, and shrinks well.
 */
export type Input =
  | { readonly kind: "primitive"; readonly value: unknown }
  | {
      readonly kind: "fresh";
      readonly make: "object" | "array" | "map" | "set" | "date";
      readonly items: readonly Input[];
    }
  | { readonly kind: "alias"; readonly pick: number };

export interface Step {
  readonly pick: number;
  readonly action: number;
  readonly key: number;
  readonly value: Input;
  readonly other: Input;
}

export interface Pair {
  readonly plain: object;
  readonly live: object;
}

export interface ProgramOptions {
  /** Whether values may be objects that stand in the tree already. */
  readonly aliases: boolean;
  /** Whether objects may be a Map's keys and a Set's members. */
  readonly objectKeys: boolean;
}

const primitives = [0, -0, 1, 2, Number.NaN, "", "a", "b", null, undefined, true, 10n];

const primitive = fc.constantFrom(...primitives).map((value): Input => ({ kind: "primitive", value }));

const inputs = (options: ProgramOptions) =>
  fc.letrec<{ input: Input }>((tie) => {
    const fresh = fc
      .record({
        make: fc.constantFrom("object", "array", "map", "set", "date"),
        items: fc.array(
          fc.oneof({ weight: 3, arbitrary: primitive }, { weight: 1, arbitrary: tie("input") }),
          {
            maxLength: 3,
          },
        ),
      })
      .map(({ make, items }): Input => ({ kind: "fresh", make: make as "object", items }));
    const alias = fc.nat({ max: 20 }).map((pick): Input => ({ kind: "alias", pick }));
    return {
      input: options.aliases
        ? fc.oneof(
            { depthSize: "small" },
            { weight: 3, arbitrary: primitive },
            { weight: 2, arbitrary: fresh },
            {
              weight: 2,
              arbitrary: alias,
            },
          )
        : fc.oneof(
            { depthSize: "small" },
            { weight: 3, arbitrary: primitive },
            { weight: 3, arbitrary: fresh },
          ),
    };
  }).input;

export const steps = (options: ProgramOptions, maxLength = 15): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      pick: fc.nat({ max: 20 }),
      action: fc.nat({ max: 1000 }),
      key: fc.nat({ max: 5 }),
      value: inputs(options),
      other: inputs(options),
    }),
    { maxLength },
  );

/** Programs of which about every second step works on two keys of one container, and which that is: what a step leaves there, the next one finds. */
export const focusedSteps = (options: ProgramOptions, maxLength: number): fc.Arbitrary<[number, Step[]]> =>
  fc
    .tuple(fc.nat({ max: 20 }), steps(options, maxLength), fc.infiniteStream(fc.boolean()))
    .map(([focus, program, isFocused]) => [
      focus,
      program.map((step) =>
        isFocused.next().value === true ? { ...step, pick: focus, key: step.key % 2 } : step,
      ),
    ]);

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** All containers reachable from the roots, walked side by side. */
export function pairsBelow(plain: object, live: object): Pair[] {
  const pairs: Pair[] = [{ plain, live }];
  const seen = new Set<object>([plain]);
  const visit = (left: unknown, right: unknown) => {
    if (!isObject(left) || !isObject(right) || seen.has(left)) return;
    seen.add(left);
    pairs.push({ plain: left, live: right });
  };
  for (const pair of pairs) {
    const left = childrenOf(pair.plain);
    const right = childrenOf(pair.live);
    for (const [index, child] of left.entries()) visit(child, right[index]);
  }
  return pairs;
}

/** Names of arrays are keys like others. */
function childrenOf(container: object): unknown[] {
  if (container instanceof Map) return [...container].flat();
  if (container instanceof Set) return [...container];
  if (container instanceof Date) return [];
  return Object.values(container);
}

class Builder {
  constructor(
    readonly pairs: readonly Pair[],
    readonly options: ProgramOptions,
  ) {}

  make(input: Input): [unknown, unknown] {
    if (input.kind === "primitive") return [input.value, input.value];
    if (input.kind === "alias") {
      const { plain, live } = this.pairs[input.pick % this.pairs.length] as Pair;
      // Raw objects and proxies must do equally well.
      return [plain, input.pick % 2 === 0 ? live : toRaw(live)];
    }
    const items = input.items.map((item) => this.make(item));
    const left = items.map(([plain]) => plain);
    const right = items.map(([, live]) => live);
    const simple = (list: unknown[]) =>
      this.options.objectKeys ? list : list.filter((item) => !isObject(item));
    switch (input.make) {
      case "object":
        return [
          Object.fromEntries(left.map((v, i) => [`k${i}`, v])),
          Object.fromEntries(right.map((v, i) => [`k${i}`, v])),
        ];
      case "array":
        return [left, right];
      case "map":
        return [new Map(left.map((v, i) => [i, v])), new Map(right.map((v, i) => [i, v]))];
      case "set":
        return [new Set(simple(left)), new Set(simple(right))];
      case "date": {
        const time = input.items.length * 1000;
        return [new Date(time), new Date(time)];
      }
    }
  }
}

type Action = (target: never, key: number, value: unknown, other: unknown) => unknown;

const names = ["k0", "k1", "k2", "k3", "count", "list"];

const objectActions: Action[] = [
  (target: Record<string, unknown>, key, value) => (target[names[key] as string] = value),
  (target: Record<string, unknown>, key, value) => (target[names[key] as string] = value),
  (target: Record<string, unknown>, key) => delete target[names[key] as string],
  (target: Record<string, unknown>, key) => target[names[key] as string],
  (target: Record<string, unknown>, key) => (names[key] as string) in target,
  (target: object) => Object.keys(target),
  (target: object) => ({ ...target }),
  (target: object, key, value) =>
    Object.defineProperty(target, names[key] as string, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    }),
  (target: object, key, value, other) => Object.assign(target, { [names[key] as string]: value, k0: other }),
  (target: object, key) => Object.hasOwn(target, names[key] as string),
];

/** Numbers sort by value, so that the order doesn't depend on how objects print. */
const rank = (value: unknown) => (typeof value === "number" ? value : isObject(value) ? -2 : -1);

const arrayActions: Action[] = [
  (target: unknown[], _key, value) => target.push(value),
  (target: unknown[], _key, value, other) => target.push(value, other),
  (target: unknown[]) => target.pop(),
  (target: unknown[]) => target.shift(),
  (target: unknown[], _key, value) => target.unshift(value),
  (target: unknown[], key, value) => target.splice(key, 1, value),
  (target: unknown[], key) => target.splice(key - 2, 2),
  (target: unknown[], key, value, other) => target.splice(key, 0, value, other),
  (target: unknown[], key, value) => (target[key] = value),
  (target: unknown[], key, value) => (target[key] = value),
  (target: unknown[], key) => (target.length = key),
  (target: unknown[], key) => delete target[key],
  // oxlint-disable-next-line unicorn/no-array-reverse -- in place is what is tried here
  (target: unknown[]) => target.reverse(),
  // oxlint-disable-next-line unicorn/no-array-sort -- in place is what is tried here
  (target: unknown[]) => target.sort((a, b) => rank(a) - rank(b)),
  (target: unknown[], _key, value) => target.includes(value),
  (target: unknown[], _key, value) => target.indexOf(value),
  (target: unknown[], _key, value) => target.lastIndexOf(value),
  (target: unknown[]) => target.map((item, index) => [item, index]),
  (target: unknown[]) => target.filter((item) => isObject(item)),
  (target: unknown[]) => target.find((item) => isObject(item)),
  (target: unknown[]) => target.findLastIndex((item) => !isObject(item)),
  (target: unknown[]) => [...target],
  (target: unknown[]) => [...target.entries()],
  (target: unknown[], key) => target.at(-key),
  (target: unknown[], key) => target.slice(key),
  (target: unknown[]) => target.concat([1, [2]]),
  (target: unknown[]) => target.flat(),
  (target: unknown[]) => target.toReversed(),
  (target: unknown[], key, value) => target.toSpliced(key, 1, value),
  (target: unknown[]) => target.reduce((last: unknown[], item) => (last.push(item), last), []),
  (target: unknown[]) =>
    target.length > 0 ? target.reduceRight((last, item) => (isObject(item) ? item : last)) : 0,
  (target: unknown[]) => Object.keys(target),
  (target: unknown[], key, value) =>
    ((target as unknown as Record<string, unknown>)["name"] = key === 0 ? value : key),
];

/** What puts one object at several places. */
const duplicatingActions: Action[] = [
  (target: unknown[], key, value) => (target.length > 0 ? target.fill(value, key % target.length) : target),
  (target: unknown[], key) => target.copyWithin(key % 3, 1),
];

const mapActions: Action[] = [
  (target: Map<unknown, unknown>, key, value) => void target.set(key, value),
  (target: Map<unknown, unknown>, key, value) => void target.set(names[key], value),
  (target: Map<unknown, unknown>, _key, value, other) => void target.set(value, other),
  (target: Map<unknown, unknown>, key) => target.delete(key),
  (target: Map<unknown, unknown>, _key, value) => target.delete(value),
  (target: Map<unknown, unknown>, key) => target.get(key),
  (target: Map<unknown, unknown>, _key, value) => target.get(value),
  (target: Map<unknown, unknown>, _key, value) => target.has(value),
  (target: Map<unknown, unknown>) => [...target],
  (target: Map<unknown, unknown>) => [...target.keys(), ...target.values(), target.size],
  (target: Map<unknown, unknown>, key) => (key === 0 ? target.clear() : undefined),
];

const setActions: Action[] = [
  (target: Set<unknown>, _key, value) => void target.add(value),
  (target: Set<unknown>, _key, value) => void target.add(value),
  (target: Set<unknown>, _key, value) => target.delete(value),
  (target: Set<unknown>, _key, value) => target.has(value),
  (target: Set<unknown>) => [...target, target.size],
  (target: Set<unknown>) => [...target.entries()],
  (target: Set<unknown>, key, value) => [...target.union(new Set([key, value]))],
  (target: Set<unknown>, key, value) => [...target.difference(new Set([key, value]))],
  (target: Set<unknown>, key, value) => target.isSupersetOf(new Set([key, value])),
  (target: Set<unknown>, key) => (key === 0 ? target.clear() : undefined),
];

const dateActions: Action[] = [
  (target: Date, key) => target.setTime(key * 1000),
  (target: Date, key) => target.setUTCFullYear(2000 + key),
  (target: Date) => target.getTime(),
  (target: Date) => target.toISOString(),
];

function actionsFor(target: object, options: ProgramOptions): Action[] {
  if (Array.isArray(target)) return options.aliases ? [...arrayActions, ...duplicatingActions] : arrayActions;
  if (target instanceof Map) return mapActions;
  if (target instanceof Set) return setActions;
  if (target instanceof Date) return dateActions;
  return objectActions;
}

/** Runs one step on both trees, and returns both results. */
export function runStep(
  plain: object,
  live: object,
  step: Step,
  options: ProgramOptions,
): [unknown, unknown] {
  const pairs = pairsBelow(plain, live);
  const target = pairs[step.pick % pairs.length] as Pair;
  const builder = new Builder(pairs, options);
  const keepsKeys = options.objectKeys || !(target.plain instanceof Set || target.plain instanceof Map);
  const simplify = (input: Input): Input =>
    keepsKeys || input.kind === "primitive" || target.plain instanceof Map
      ? input
      : { kind: "primitive", value: 7 };
  const value = builder.make(simplify(step.value));
  const other = builder.make(simplify(step.other));
  const actions = actionsFor(target.plain, options);
  let chosen = step.action % actions.length;
  // Without object keys the one action that takes the value as key is replaced.
  if (!options.objectKeys && actions === mapActions && chosen === 2 && isObject(value[0])) chosen = 0;
  const action = actions[chosen] as (target: object, key: number, value: unknown, other: unknown) => unknown;
  // What throws in one tree has to throw in the other.
  const run = (container: object, side: 0 | 1): unknown => {
    try {
      return action(container, step.key, value[side], other[side]);
    } catch (error) {
      // Of what takes no new properties the language says other words where a proxy stands for it.
      return Object.isExtensible(container) ? String(error) : error instanceof TypeError;
    }
  };
  return [run(target.plain, 0), run(target.live, 1)];
}

/** A text that is the same for two values exactly if they are alike: types, order, holes, -0, and what is shared. */
export function canonical(value: unknown, identify: (object: object) => object = toRaw): string {
  const ids = new Map<object, number>();
  const write = (item: unknown): string => {
    if (!isObject(item))
      return typeof item === "bigint"
        ? `${item}n`
        : Object.is(item, -0)
          ? "-0"
          : `${typeof item}:${String(item)}`;
    const identity = identify(item);
    const known = ids.get(identity);
    if (known !== undefined) return `#${known}`;
    ids.set(identity, ids.size);
    if (item instanceof Date) return `Date(${item.getTime()})`;
    if (item instanceof Map)
      return `Map{${[...item].map(([key, entry]) => `${write(key)}=>${write(entry)}`).join()}}`;
    if (item instanceof Set) return `Set{${[...item].map(write).join()}}`;
    const fields = Object.keys(item).map((key) => `${key}:${write((item as Record<string, unknown>)[key])}`);
    return Array.isArray(item) ? `[${item.length}|${fields.join()}]` : `{${fields.join()}}`;
  };
  return write(value);
}

/** A tree with one container of each kind, made anew at each call. */
export const startTree = (): Record<string, unknown> => ({
  k0: { k0: 1, k1: [] },
  k1: [1, { k0: 2 }, [3]],
  k2: new Map<unknown, unknown>([
    [0, { k0: 1 }],
    [1, 1],
  ]),
  k3: new Set<unknown>([1, "a"]),
  count: 0,
  list: new Date(0),
});

/** The same with objects and arrays that take no new properties. */
const closedTree = (): Record<string, unknown> => {
  const tree = startTree();
  const { k0, k1 } = tree as { k0: { k1: unknown[] }; k1: unknown[] };
  for (const container of [k0, k0.k1, k1, k1[1], k1[2]]) Object.preventExtensions(container);
  return tree;
};

class Card {
  k0: unknown = 1;
  k1: unknown = Object.assign(Object.create(null) as object, { k0: 1 });
  // Not k0, which a step that assigns k3 assigns as well: back and forth is two changes, of which the comparison would see none.
  get k3(): unknown {
    return this.k1;
  }
  set k3(value: unknown) {
    this.k1 = value;
  }
}
class List extends Array<unknown> {}
class Table extends Map<unknown, unknown> {}
class Tags extends Set<unknown> {}
class Day extends Date {}

/** The same with instances of classes, and an object without a prototype. */
const classTree = (): Record<string, unknown> => ({
  k0: new Card(),
  k1: List.from([1, new Card(), List.of(3)]),
  k2: new Table([
    [0, new Card()],
    [1, 1],
  ]),
  k3: new Tags([1, "a"]),
  count: 0,
  list: new Day(0),
});

export const startTrees = fc.constantFrom(startTree, closedTree, classTree);
