// The report as a list of blocks, which are rendered twice: as one HTML page and as Markdown with SVG files.

export interface Table {
  readonly kind: "table";
  readonly caption: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns, from 0, that stand out: ours. */
  readonly ours?: readonly number[];
}

export type Block =
  | { readonly kind: "heading"; readonly level: 2 | 3; readonly text: string; readonly id: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly string[] }
  | { readonly kind: "chart"; readonly name: string; readonly title: string; readonly svg: string }
  | { readonly kind: "origin"; readonly text: string }
  | Table;

export const heading = (level: 2 | 3, text: string): Block => ({
  kind: "heading",
  level,
  text,
  id: text.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
});
export const text = (content: string): Block => ({ kind: "text", text: content });
export const list = (items: readonly string[]): Block => ({ kind: "list", items });
