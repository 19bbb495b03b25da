import { isObject } from "../kinds.js";
import { adopt, adoptAny, knownNode, type Node, unwrap } from "../node.js";
import { running } from "../running.js";
import { ArrayNode, calledOn, differs, tailOf } from "./array.js";
import { IteratorPrototype } from "./facade.js";

type Native = (...args: unknown[]) => unknown;
type Callback = (this: unknown, value: unknown, index: number, list: unknown) => unknown;

const natives = Array.prototype as unknown as Record<string, Native>;
const NOTHING: readonly unknown[] = [];

/** Native function to replacement. Replacements are shared by all arrays and find the node through `this`. */
export const arrayMethods = new Map<unknown, unknown>();

type Run<N extends Node> = (node: N, args: unknown[], self: unknown) => unknown;

/** Replaces a method on those of our arrays that `isOurs` tells; on others the language's own does what it should. */
function replace<N extends Node>(
  name: string,
  isOurs: (node: Node) => node is N,
  make: (native: Native) => Run<N>,
) {
  const native = natives[name];
  if (native === undefined) return;
  const run = make(native);
  const replacement = {
    [name](this: unknown, ...args: unknown[]): unknown {
      const node = calledOn(this);
      return node !== undefined && isOurs(node) ? run(node, args, this) : native.apply(this, args);
    },
  }[name];
  arrayMethods.set(native, replacement);
}

const isArray = (node: Node): node is Node => Array.isArray(node.raw);

/** Replaces a method that reads, for any array. */
const replaceReader = (name: string, make: (native: Native) => Run<Node>) => replace(name, isArray, make);

/** Replaces a method that makes an array or asks others; those of a class decide what it makes, and may have such methods of their own. */
const replaceMaker = (name: string, make: (native: Native) => Run<Node>) =>
  replace(name, (node): node is Node => isArray(node) && node.raw.constructor === Array, make);

/** Replaces a method that writes; a frozen array's node is none of these. */
const replaceWriter = (name: string, make: (native: Native) => Run<ArrayNode>) =>
  replace(name, (node) => node instanceof ArrayNode, make);

const listOf = (node: Node) => node.raw as unknown[];

/** Has a copy of the array hold what a reader may get. */
function wrapAll(node: Node, values: unknown[]): unknown[] {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "object") values[index] = node.wrap(value);
  }
  return values;
}

function adoptAll(node: ArrayNode, values: unknown[], from: number, at: number): void {
  for (let index = from; index < values.length; index++) {
    const value = values[index];
    if (typeof value === "object" && value !== null) values[index] = adopt(value);
    if (node.claim !== undefined || running.transaction !== undefined)
      node.beforeWrite(values[index], at + index - from);
  }
}

// The three of a queue, written out as they run most.
function push(this: unknown, ...args: unknown[]): unknown {
  const node = calledOn(this);
  if (!(node instanceof ArrayNode)) return natives["push"]?.apply(this, args);
  const { list } = node;
  const at = list.length;
  if (args.length === 0) return at;
  adoptAll(node, args, 0, at);
  for (let index = 0; index < args.length; index++) list.push(args[index]);
  node.noteSplice(at, NOTHING, args);
  return list.length;
}
arrayMethods.set(natives["push"], push);

for (const name of ["pop", "shift"] as const) {
  const remover = {
    [name](this: unknown): unknown {
      const node = calledOn(this);
      if (!(node instanceof ArrayNode)) return natives[name]?.call(this);
      const { list } = node;
      if (list.length === 0) return undefined;
      running.transaction?.beforeWrite(node);
      const at = name === "pop" ? list.length - 1 : 0;
      const value = list[at];
      // A hole stays one.
      const removed = value !== undefined || at in list ? [value] : Array<unknown>(1);
      list[name]();
      node.noteSplice(at, removed, NOTHING);
      return typeof value === "object" ? node.wrap(value) : value;
    },
  }[name];
  arrayMethods.set(natives[name], remover);
}

replaceWriter("unshift", (native) => (node, args) => {
  if (args.length === 0) return node.list.length;
  adoptAll(node, args, 0, 0);
  const length = native.apply(node.list, args);
  node.noteSplice(0, NOTHING, args);
  return length;
});

replaceWriter("splice", (native) => (node, args) => {
  const { list } = node;
  if (args.length === 0) return native.call(list);
  const relative = Math.trunc(args[0] as number) || 0;
  const start = relative < 0 ? Math.max(list.length + relative, 0) : Math.min(relative, list.length);
  // What it was made from may count how often it is asked.
  args[0] = start;
  running.transaction?.beforeWrite(node);
  adoptAll(node, args, 2, start);
  const removed = native.apply(list, args) as unknown[];
  const inserted = args.slice(2);
  if (differs(removed, inserted)) node.noteSplice(start, tailOf(removed), inserted);
  return wrapAll(node, removed);
});

for (const name of ["reverse", "copyWithin", "fill", "sort"]) {
  replaceWriter(name, (native) => (node, args, self) => {
    const { list } = node;
    const [first] = args;
    // A comparator sees views, and may write to the list; as in the language, it is asked before anything moves.
    const sorted = name === "sort" && (native.apply(wrapAll(node, tailOf(list)), args) as unknown[]);
    if (name === "fill") args[0] = adoptAny(first);
    node.beforeWrite(name === "fill" ? args[0] : undefined, 0);
    const before = tailOf(list);
    try {
      if (!sorted) native.apply(list, args);
      else
        for (const index of sorted.keys()) {
          if (index in sorted) list[index] = unwrap(sorted[index]);
          else delete list[index];
        }
    } finally {
      // What is read-only may be come upon half way.
      node.settle(before);
    }
    return self;
  });
}

for (const name of ["includes", "indexOf", "lastIndexOf"]) {
  replaceReader(name, (native) => (node, args) => {
    node.trackContents();
    const [sought] = args;
    if (!isObject(sought)) return native.apply(listOf(node), args);
    const raw = unwrap(sought);
    args[0] = raw;
    const found = native.apply(listOf(node), args);
    const view = found === false || found === -1 ? knownNode(raw)?.view : undefined;
    if (view === undefined) return found;
    // An array that was made reactive around proxies holds them until they are read.
    args[0] = view;
    return native.apply(listOf(node), args);
  });
}

const show = (node: Node, index: number, value: unknown): unknown =>
  typeof value === "object" && value !== null ? node.showItem(index, value) : value;

/** Two of those that take a callback, written out as they run most: the language's own would call ours, and that the user's. */
const loops = {
  map(node: Node, visit: Callback, thisArg: unknown, self: unknown): unknown[] {
    const list = listOf(node);
    const { length } = list;
    const result: unknown[] = [];
    result.length = length;
    for (let index = 0; index < length; index++) {
      const value = list[index];
      if (value === undefined && !(index in list)) continue;
      result[index] = visit.call(thisArg, show(node, index, value), index, self);
    }
    return result;
  },

  filter(node: Node, visit: Callback, thisArg: unknown, self: unknown): unknown[] {
    const list = listOf(node);
    const { length } = list;
    const result: unknown[] = [];
    for (let index = 0; index < length; index++) {
      const value = list[index];
      if (value === undefined && !(index in list)) continue;
      const shown = show(node, index, value);
      if (visit.call(thisArg, shown, index, self)) result.push(shown);
    }
    return result;
  },
};
for (const [name, loop] of Object.entries(loops)) {
  replaceMaker(name, (native) => (node, [visit, thisArg], self) => {
    node.trackContents();
    return typeof visit === "function"
      ? loop(node, visit as Callback, thisArg, self)
      : native.call(listOf(node), visit);
  });
}

for (const name of [
  "forEach",
  "some",
  "every",
  "find",
  "findIndex",
  "findLast",
  "findLastIndex",
  "flatMap",
]) {
  const handsOut = name === "find" || name === "findLast";
  replaceReader(name, (native) => (node, args, self) => {
    node.trackContents();
    const [visit, thisArg] = args;
    if (typeof visit !== "function") return native.apply(listOf(node), args);
    const result = native.call(listOf(node), (value: unknown, index: number) =>
      (visit as Callback).call(thisArg, show(node, index, value), index, self),
    );
    return handsOut ? node.wrap(result) : result;
  });
}

for (const name of ["reduce", "reduceRight"]) {
  replaceReader(name, (native) => (node, args, self) => {
    node.trackContents();
    const [visit, ...initial] = args;
    if (typeof visit !== "function") return native.apply(listOf(node), args);
    // Without an initial value the first item is the first result, and has to be wrapped like any other.
    let isBare = initial.length === 0;
    const step = (result: unknown, value: unknown, index: number): unknown => {
      const so = isBare ? node.wrap(result) : result;
      isBare = false;
      return visit(so, node.wrap(value), index, self);
    };
    const result = native.call(listOf(node), step, ...initial);
    return isBare ? node.wrap(result) : result;
  });
}

for (const name of [
  "slice",
  "concat",
  "flat",
  "join",
  "toString",
  "toLocaleString",
  "toSorted",
  "toReversed",
  "toSpliced",
  "with",
]) {
  replaceMaker(name, (native) => (node, args) => {
    node.trackContents();
    if (name === "slice") return wrapAll(node, native.apply(listOf(node), args) as unknown[]);
    return native.apply(wrapAll(node, tailOf(listOf(node))), args);
  });
}

/** Walks the raw array as a native iterator does, and wraps only what it hands out. */
class ArrayViewIterator {
  #index = 0;
  #node: Node | undefined;

  constructor(
    node: Node,
    readonly withIndex: boolean,
  ) {
    this.#node = node;
  }

  get [Symbol.toStringTag](): string {
    return "Array Iterator";
  }

  next(): IteratorResult<unknown, undefined> {
    const node = this.#node;
    if (node === undefined) return { value: undefined, done: true };
    const index = this.#index++;
    const list = listOf(node);
    if (index >= list.length) {
      this.#node = undefined;
      return { value: undefined, done: true };
    }
    const raw = list[index];
    const value = typeof raw === "object" && raw !== null ? node.showItem(index, raw) : raw;
    return { value: this.withIndex ? [index, value] : value, done: false };
  }
}
Object.setPrototypeOf(ArrayViewIterator.prototype, IteratorPrototype);

for (const name of ["values", "entries"]) {
  replaceReader(name, () => (node) => {
    node.trackContents();
    return new ArrayViewIterator(node, name === "entries");
  });
}
