// Makes bench/report and the READMEs' numbers from the results of the last run.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderHtml } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { READMES, withMeasured } from "./readme.ts";
import { readResults } from "./results.ts";
import { overheadSection } from "./sections/overhead.ts";
import { reactiveSection } from "./sections/reactive.ts";
import { restoreSection } from "./sections/restore.ts";
import { socketSection } from "./sections/sockets.ts";
import { writesSection } from "./sections/writes.ts";
import { summary } from "./summary.ts";

const TITLE = "dormouse: what it writes, and what it costs";

/** Writes bench/report/index.html, bench/report/report.md, its charts, and what READMEs quote. */
export function writeReport(): void {
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
  for (const { page, measured } of READMES) {
    const path = fileURLToPath(new URL(`../../${page}`, import.meta.url));
    writeFileSync(path, withMeasured(readFileSync(path, "utf8"), measured(results)));
  }
  console.log(`bench/report/index.html and bench/report/report.md are made`);
}
