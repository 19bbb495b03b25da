// The report as Markdown; its charts are SVG files beside it.
import type { Block, Table } from "./document.ts";

export function renderMarkdown(title: string, blocks: readonly Block[]): string {
  return [`# ${title}`, ...blocks.map(renderBlock)].join("\n\n").concat("\n");
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `${"#".repeat(block.level)} ${block.text}`;
    case "text":
      return block.text;
    case "origin":
      return `_${block.text}_`;
    case "list":
      return block.items.map((item) => `- ${item}`).join("\n");
    case "chart":
      return `**${block.title}**\n\n![${block.title}](charts/${block.name}.svg)`;
    case "table":
      return renderTable(block);
  }
}

const line = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

function renderTable({ caption, header, rows, ours = [] }: Table): string {
  const bold = (cell: string, column: number) =>
    ours.includes(column) && cell !== "" ? `**${cell}**` : cell;
  return [
    `${caption}:`,
    "",
    ...tableLines(
      header,
      rows.map((row) => row.map(bold)),
    ),
  ].join("\n");
}

export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const rule = header.map((_, column) => (column === 0 ? "---" : "---:"));
  return [header, rule, ...rows].map(line);
}
