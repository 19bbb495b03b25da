// Makes bench/report/index.html and bench/report/report.md from the results of the last run: `npm run bench:report`
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderHtml } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { readResults } from "./results.ts";
import { overheadSection } from "./sections/overhead.ts";
import { reactiveSection } from "./sections/reactive.ts";
import { restoreSection } from "./sections/restore.ts";
import { socketSection } from "./sections/sockets.ts";
import { writesSection } from "./sections/writes.ts";
import { summary } from "./summary.ts";

const TITLE = "dormouse: what it writes, and what it costs";

const results = readResults();
const blocks = [
  ...summary(results),
  ...writesSection(results),
  ...socketSection(results),
  ...restoreSection(results),
  ...overheadSection(results),
  ...reactiveSection(results),
];

const folder = fileURLToPath(new URL("../report/", import.meta.url));
rmSync(`${folder}charts`, { recursive: true, force: true });
mkdirSync(`${folder}charts`);
for (const block of blocks)
  if (block.kind === "chart") writeFileSync(`${folder}charts/${block.name}.svg`, block.svg);
writeFileSync(`${folder}index.html`, renderHtml(TITLE, blocks));
writeFileSync(`${folder}report.md`, renderMarkdown(TITLE, blocks));
writeReadme();
console.log(`bench/report/index.html and bench/report/report.md are made`);

/** The README quotes the report's first numbers and one chart; they are made anew with it, so that they can't go stale apart. */
function writeReadme(): void {
  const path = fileURLToPath(new URL("../../README.md", import.meta.url));
  const { date, commit, machine } = results.writes.origin;
  const [items] = summary(results).flatMap((block) => (block.kind === "list" ? [block.items] : []));
  const measured = [
    ...(items ?? []).map((item) => `- ${item}`),
    "",
    "![Rows written a turn, by workload](bench/report/charts/rows.svg)",
    "",
    `\`npm run bench\`, ${date.slice(0, 10)}, commit ${commit}, ${machine}. Everything that was compared, and where others are ahead: [the report](bench/report/report.md).`,
  ].join("\n");
  const readme = readFileSync(path, "utf8");
  const marked = /(<!-- measured: [^>]*-->\n)[^]*?(<!-- \/measured -->)/;
  if (!marked.test(readme)) throw new Error("[bench] README.md has no place for what is measured");
  writeFileSync(
    path,
    readme.replace(marked, (_, begin: string, end: string) => `${begin}${measured}\n${end}`),
  );
}
