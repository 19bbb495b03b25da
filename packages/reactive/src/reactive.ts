import { ArrayNode } from "./handlers/array.js";
import { DateNode } from "./handlers/date.js";
import { MapNode } from "./handlers/map.js";
import { ObjectNode } from "./handlers/object.js";
import { OpaqueNode } from "./handlers/opaque.js";
import { SetNode } from "./handlers/set.js";
import { ShallowHandler } from "./handlers/shallow.js";
import { kindOf } from "./kinds.js";
import { type Node, nodes, Realm, unwrap, views } from "./node.js";

function createNode(raw: object, realm: Realm): Node {
  switch (kindOf(raw)) {
    case "object":
      return new ObjectNode(raw, realm);
    case "array":
      return new ArrayNode(raw, realm);
    case "map":
      return new MapNode(raw, realm);
    case "set":
      return new SetNode(raw, realm);
    case "date":
      return new DateNode(raw, realm);
    case "opaque":
      return new OpaqueNode(raw, realm);
  }
}

/** The node of a raw object or of a proxy, made when there is none. */
export function nodeOf(value: object): Node {
  const raw = unwrap(value);
  return nodes.get(raw) ?? createNode(raw, new Realm(createNode));
}

/**
 * Returns the deep proxy of `target`: reads in an effect or a computed are followed, writes notify them.
 *
 * The same object always gives the same proxy, and a proxy gives itself. Objects, arrays, Map, Set and Date are followed to any
 * depth; what else there is (RegExp, Error, typed arrays...) is one opaque value.
 *
 * ```ts
 * const state = reactive({ cards: [{ done: false }] });
 * effect(() => console.log(state.cards[0].done));
 * state.cards[0].done = true; // logs true
 * ```
 */
export function reactive<T extends object>(target: T): T {
  return nodeOf(target).getView() as T;
}

const shallowViews = new WeakMap<Node, object>();

/**
 * Returns a proxy of the plain object `target` that follows its own properties only; what stands in them is handed out plain.
 *
 * It shares notifications with the deep proxy of the same object. Throws a TypeError for arrays, Map, Set and Date.
 */
export function shallowReactive<T extends object>(target: T): T {
  const node = nodeOf(target);
  if (!(node instanceof ObjectNode) || node instanceof ArrayNode) {
    throw new TypeError(
      "[reactive] shallowReactive() takes an object with properties; wrap the value in one",
    );
  }
  let view = shallowViews.get(node);
  if (view === undefined) {
    view = new Proxy(node.raw, new ShallowHandler(node));
    shallowViews.set(node, view);
    views.set(view, node);
  }
  return view as T;
}

/** Returns the plain object behind a proxy, or `value` itself if it is none. */
export function toRaw<T>(value: T): T {
  return unwrap(value);
}

/** Tells whether `value` is a proxy (or facade) that {@link reactive} made. */
export function isReactive(value: unknown): boolean {
  return typeof value === "object" && value !== null && views.has(value);
}
