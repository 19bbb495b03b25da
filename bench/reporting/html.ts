// The report as one page that needs nothing else.
import { escape } from "./escape.ts";
import type { Block, Table } from "./document.ts";

const STYLE = `
:root{color-scheme:light dark;--page:#ffffff;--text:#1f2933;--soft:#5b6673;--line:#d9dfe6;--stripe:#f5f7fa;--accent:#0b5fd0;--ours-cell:#e8f1fd}
@media (prefers-color-scheme:dark){:root{--page:#12161b;--text:#dfe5ec;--soft:#9aa7b4;--line:#2c343d;--stripe:#191f26;--accent:#6db3ff;--ours-cell:#14283f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 80px}
h1{font-size:1.7rem;line-height:1.2;margin:.2em 0 .4em}
h2{font-size:1.3rem;margin:2.4em 0 .5em;padding-top:.6em;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.8em 0 .4em}
p,ul{max-width:72ch}
li{margin:.25em 0}
a{color:var(--accent)}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:.3em 1.1em;font-size:.95rem}
.origin{color:var(--soft);font-size:.85rem;max-width:none}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:20px 32px;align-items:start}
figure{margin:.8em 0;min-width:0}
figcaption{font-weight:600;font-size:.95rem;margin-bottom:.35em}
figure svg{width:100%;height:auto;display:block;max-width:560px}
.scroll{overflow-x:auto;margin:.6em 0 1.2em;border:1px solid var(--line);border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:.82rem;font-variant-numeric:tabular-nums;white-space:nowrap}
caption{text-align:left;padding:.5em .7em;font-weight:600;font-size:.9rem;position:sticky;left:0}
thead th{white-space:normal;min-width:5.2em;vertical-align:bottom}
th,td{padding:.28em .7em;text-align:right;border-top:1px solid var(--line)}
th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:var(--page)}
tbody tr:nth-child(even) td{background:var(--stripe)}
td.ours,th.ours{background:var(--ours-cell)!important;font-weight:600}
@media (max-width:600px){table{font-size:.76rem}th,td{padding:.28em .45em}thead th{min-width:4.4em}th:first-child,td:first-child{min-width:8.5em;max-width:11em;white-space:normal}}
`;

export function renderHtml(title: string, blocks: readonly Block[]): string {
  const parts: string[] = [];
  let open = false;
  for (const block of blocks) {
    // Charts that follow each other stand side by side where there is room.
    if (block.kind === "chart" && !open) parts.push('<div class="charts">');
    if (block.kind !== "chart" && open) parts.push("</div>");
    open = block.kind === "chart";
    parts.push(renderBlock(block));
  }
  if (open) parts.push("</div>");
  const links = blocks.flatMap((block) =>
    block.kind === "heading" && block.level === 2 ? [`<a href="#${block.id}">${escape(block.text)}</a>`] : [],
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<nav>${links.join("")}</nav>
${parts.join("\n")}
</main>
</body>
</html>
`;
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `<h${block.level} id="${block.id}">${escape(block.text)}</h${block.level}>`;
    case "text":
      return `<p>${inline(block.text)}</p>`;
    case "origin":
      return `<p class="origin">${inline(block.text)}</p>`;
    case "list":
      return `<ul>${block.items.map((item) => `<li>${inline(item)}</li>`).join("")}</ul>`;
    case "chart":
      return `<figure><figcaption>${escape(block.title)}</figcaption>${block.svg}</figure>`;
    case "table":
      return renderTable(block);
  }
}

function renderTable({ caption, header, rows, ours = [] }: Table): string {
  const mark = (column: number) => (ours.includes(column) ? ' class="ours"' : "");
  const head = header
    .map((cell, column) => (cell === "" ? "<td></td>" : `<th${mark(column)}>${escape(cell)}</th>`))
    .join("");
  const body = rows
    .map((row) => `<tr>${row.map((cell, column) => `<td${mark(column)}>${escape(cell)}</td>`).join("")}</tr>`)
    .join("\n");
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escape(caption)}"><table><caption>${escape(caption)}</caption><thead><tr>${head}</tr></thead><tbody>
${body}
</tbody></table></div>`;
}

/** Backticks and links are all the markup that texts have. */
function inline(markdown: string): string {
  return escape(markdown)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>');
}
