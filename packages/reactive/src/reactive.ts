import { ArrayNode } from "./handlers/array.js";
import { arrayMethods } from "./handlers/array-methods.js";
import { DateNode, ReactiveDate } from "./handlers/date.js";
import { facadePrototypeFor } from "./handlers/facade.js";
import { FrozenNode } from "./handlers/frozen.js";
import { MapNode, ReactiveMap } from "./handlers/map.js";
import { createObjectNode, ObjectNode } from "./handlers/object.js";
import { OpaqueNode } from "./handlers/opaque.js";
import { ReadonlyFacadeHandler, ReadonlyHandler } from "./handlers/readonly.js";
import { ReactiveSet, SetNode } from "./handlers/set.js";
import { ShallowHandler } from "./handlers/shallow.js";
import { isObject, type Kind, kindOf } from "./kinds.js";
import { knownNode, type Node, nodeBehind, setCreate, unwrap } from "./node.js";

/** Throws for what no node can follow; here, so that it is refused when it is assigned, and not when it is read. */
function createNode(raw: object): Node {
  const kind = kindOf(raw);
  // Most are this; what is short is compiled into who calls it.
  return kind === "object" && Object.isExtensible(raw) ? createObjectNode(raw) : createOther(raw, kind);
}

function createOther(raw: object, kind: Kind): Node {
  switch (kind) {
    case "object":
      return new FrozenNode(raw, arrayMethods);
    case "array":
      return Object.isExtensible(raw) ? new ArrayNode(raw, arrayMethods) : new FrozenNode(raw, arrayMethods);
    case "map":
      facadePrototypeFor(raw, ReactiveMap.prototype);
      return new MapNode(raw);
    case "set":
      facadePrototypeFor(raw, ReactiveSet.prototype);
      return new SetNode(raw);
    case "date":
      facadePrototypeFor(raw, ReactiveDate.prototype);
      return new DateNode(raw);
    case "opaque":
      return new OpaqueNode(raw);
  }
}

setCreate(createNode);

export function refuseValue(name: string, wanted: string, value: unknown): never {
  const found = isObject(value) ? kindOf(value) : value === null ? "null" : typeof value;
  throw new TypeError(`[reactive] ${name}() takes ${wanted}, and was given ${found}; wrap the value in one`);
}

/** The node of a raw object or of a proxy, made when there is none. */
export function nodeOf(value: object, caller = "reactive"): Node {
  if (!isObject(value)) refuseValue(caller, "an object", value);
  return knownNode(value) ?? nodeBehind(value) ?? createNode(value);
}

/** By the deep proxy, which reads give. */
const readonlyViews = new WeakMap<object, object>();
const shallowViews = new WeakMap<Node, object>();

/**
 * Returns the deep proxy of `target`: reads in an effect or a computed are followed, writes notify them.
 *
 * The same object always gives the same proxy, and a proxy, a readonly or shallow one too, gives itself. Objects, arrays, Map, Set and Date are followed to any
 * depth; what else there is (RegExp, Error, typed arrays...) is one opaque value. Throws a TypeError for what is no object, and for
 * instances of classes with `#private` names, when they are reached.
 *
 * ```ts
 * const state = reactive({ card: { done: false } });
 * effect(() => console.log(state.card.done)); // logs false
 * state.card.done = true; // logs true
 * ```
 */
export function reactive<T extends object>(target: T): T {
  const node = nodeOf(target);
  // A readonly or shallow proxy would be none if one could get round it like this.
  return readonlyViews.get(node.getView()) === target || shallowViews.get(node) === target
    ? target
    : (node.getView() as T);
}

/**
 * Returns a proxy of the plain object `target` that follows its own properties only; what stands in them is handed out plain.
 *
 * It shares notifications with the deep proxy of the same object. Throws a TypeError for arrays, Map, Set and Date.
 */
export function shallowReactive<T extends object>(target: T): T {
  const node = nodeOf(target, "shallowReactive");
  // Of none of the classes that extend it.
  if (node.constructor !== ObjectNode) {
    refuseValue("shallowReactive", "an extensible object with properties", node.raw);
  }
  let view = shallowViews.get(node);
  if (view === undefined) {
    ({ view } = new ShallowHandler(node as ObjectNode));
    shallowViews.set(node, view);
  }
  return view as T;
}

/** What {@link readonly} gives: every property, at any depth, can be read only. */
export type DeepReadonly<T> =
  T extends Map<infer K, infer V>
    ? ReadonlyMap<DeepReadonly<K>, DeepReadonly<V>>
    : T extends Set<infer M>
      ? ReadonlySet<DeepReadonly<M>>
      : T extends (...args: never[]) => unknown
        ? T
        : T extends Date | RegExp | Error | ArrayBuffer | ArrayBufferView
          ? T
          : T extends object
            ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
            : T;

function present(value: unknown): unknown {
  if (!isObject(value)) return value;
  const known = readonlyViews.get(value);
  if (known !== undefined) return known;
  const node = nodeBehind(value);
  return node === undefined ? value : readonlyView(node);
}

function readonlyView(node: Node): object {
  const deep = node.getView();
  let view = readonlyViews.get(deep);
  if (view === undefined) {
    // The node of a facade is no proxy's handler.
    ({ view } = new (node.get === undefined ? ReadonlyFacadeHandler : ReadonlyHandler)(node, present));
    readonlyViews.set(deep, view);
  }
  return view;
}

/**
 * Returns a proxy that follows reads like {@link reactive} and throws a TypeError at every write, at any depth.
 *
 * Writes through `reactive(target)` show, and notify. The same object always gives the same proxy.
 */
export function readonly<T extends object>(target: T): DeepReadonly<T> {
  const node = nodeOf(target, "readonly");
  return (node instanceof OpaqueNode ? node.raw : readonlyView(node)) as DeepReadonly<T>;
}

/** Returns the plain object behind a proxy, which may be cloned and sent to other objects, or `value` itself if it is none. */
export function toRaw<T>(value: T): T {
  return unwrap(value);
}

/** Whether `value` is a proxy (or, for Map, Set and Date, a facade) that this package made. */
export function isReactive(value: unknown): boolean {
  return isObject(value) && nodeBehind(value) !== undefined;
}

/**
 * Excludes `value` from being followed: wherever it stands it is handed out as it is, one opaque value. Returns it.
 *
 * Throws a TypeError if it was handed out as a proxy before.
 */
export function markRaw<T extends object>(value: T): T {
  if (!isObject(value)) refuseValue("markRaw", "an object", value);
  const raw = unwrap(value);
  const known = knownNode(raw);
  if (known !== undefined && !(known instanceof OpaqueNode)) {
    throw new TypeError("[reactive] markRaw() was given a followed object; mark it before it becomes state");
  }
  // Making the node registers it.
  return (known ?? new OpaqueNode(raw)).raw as T;
}

/**
 * Reports that the inside of the opaque value at `key` of `owner` (an object, array or Map) has changed, such as a typed array that was written to.
 *
 * ```ts
 * state.pixels[0] = 255;
 * touch(state, "pixels");
 * ```
 */
export function touch(owner: object, key: unknown): void {
  nodeOf(owner, "touch").touch(key);
}
