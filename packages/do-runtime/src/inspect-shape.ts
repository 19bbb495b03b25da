// What `inspectValue` wrote, read again: which kind of thing a value is, and what is inside.
import type { Json } from "./inspect-value.ts";

/** An object, array, Map or Set. */
export interface Shape {
  readonly kind: "object" | "array" | "Map" | "Set";
  /** What is inside: as it is labelled, as the step of a path that leads there, and itself. */
  readonly entries: readonly (readonly [label: string, step: Json, value: Json])[];
  /** How many entries were left out. */
  readonly more: number;
}

/** Something that is one value. */
export interface Leaf {
  readonly kind: "string" | "number" | "boolean" | "date" | "null";
  readonly text: string;
}

/** The inside of an object, array, Map or Set; undefined for everything that is one value. */
export function shapeOf(value: Json): Shape | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isArray(value)) return { kind: "array", entries: value.map(toItem), more: 0 };
  const { $array, $Map, $Set, $object, $more } = value;
  const more = typeof $more === "number" ? $more : 0;
  if (isArray($array)) return { kind: "array", entries: $array.map(toItem), more };
  if (isArray($Set)) return { kind: "Set", entries: $Set.map((member) => ["·", member, member]), more };
  if (isArray($Map)) return { kind: "Map", entries: $Map.map(toEntry), more };
  if (isArray($object)) return { kind: "object", entries: $object.map(toEntry), more };
  if (Object.keys(value).some((key) => key.startsWith("$"))) return undefined;
  return { kind: "object", entries: Object.entries(value).map(toEntry), more: 0 };
}

export function leafOf(value: Json): Leaf {
  if (value === null) return { kind: "null", text: "null" };
  if (typeof value === "string") return { kind: "string", text: JSON.stringify(value) };
  if (typeof value === "number") return { kind: "number", text: String(value) };
  if (typeof value === "boolean") return { kind: "boolean", text: String(value) };
  const [[name, inner] = ["", null]] = Object.entries(value);
  switch (name) {
    case "$string":
      return { kind: "string", text: `${JSON.stringify(inner)}…` };
    case "$Date":
      return { kind: "date", text: String(inner) };
    case "$BigInt":
      return { kind: "number", text: `${String(inner)}n` };
    case "$number":
      return { kind: "number", text: String(inner) };
    case "$undefined":
      return { kind: "null", text: "undefined" };
    case "$again":
      return { kind: "null", text: "(itself)" };
    case "$more":
      return { kind: "null", text: "…" };
    default:
      return { kind: "null", text: `${name.slice(1)} ${String(inner)}` };
  }
}

/** What stands beside the name of something that can be opened; an object is told from its neighbours by the names in it. */
export function typeOf({ kind, entries, more }: Shape): string {
  if (kind !== "object") return `${kind} ${(entries.length + more).toLocaleString("en")}`;
  const names = entries.map(([label]) => label).join(", ");
  return names === "" ? "{}" : `{ ${cut(names, 40)} }`;
}

/** A value as one would write it in a program, cut where it is more than a line. */
export function briefly(value: Json): string {
  return cut(inProgram(value), 90);
}

/**
 * A path of inspected steps as one would write it in a program, long names cut: `board.cards[3].done`.
 *
 * Not the one that error messages have: whatever is shared with the runtime would be cut out of it, as a chunk, for everybody.
 */
export function pathText(path: readonly Json[]): string {
  return path
    .map((step, index) => {
      if (index === 0 && typeof step === "string") return cut(step, 90);
      const isName = typeof step === "string" && /^[A-Za-z_$][\w$]{0,89}$/.test(step);
      return isName ? `.${step}` : `[${briefly(step)}]`;
    })
    .join("");
}

function inProgram(value: Json): string {
  const shape = shapeOf(value);
  if (shape === undefined) return leafOf(value).text;
  const { kind, entries, more } = shape;
  const hasLabels = kind === "object" || kind === "Map";
  const inside = entries.map(([label, , inner]) => (hasLabels ? `${label}: ` : "") + inProgram(inner));
  if (more > 0) inside.push("…");
  const text = inside.join(", ");
  if (kind === "array") return `[${text}]`;
  const braces = text === "" ? "{}" : `{ ${text} }`;
  return kind === "object" ? braces : `${kind} ${braces}`;
}

function cut(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function toItem(item: Json, index: number): Shape["entries"][number] {
  return [String(index), index, item];
}

function toEntry(entry: Json | readonly [string, Json]): Shape["entries"][number] {
  const [key, value] = entry as readonly [Json, Json];
  return [typeof key === "string" ? key : inProgram(key), key, value];
}
