// What the READMEs quote of the report, made anew with it, so that they can't go stale apart.
import { short } from "../harness/text.ts";
import { Results } from "../reactive/table.ts";
import { WORKS } from "../reactive/works/index.ts";
import { tableLines } from "./markdown.ts";
import type { AllResults } from "./results.ts";
import { summary } from "./summary.ts";

/** The pages, and what each quotes. */
export const READMES = [
  { page: "README.md", measured: measuredOfAll },
  { page: "packages/reactive/README.md", measured: measuredOfEngine },
];

/** The page with what is measured in its place. */
export function withMeasured(markdown: string, measured: string): string {
  const place = /(<!-- measured: [^>]*-->\n)[^]*?(<!-- \/measured -->)/;
  if (!place.test(markdown)) throw new Error("[bench] the page has no place for what is measured");
  return markdown.replace(place, (_, begin: string, end: string) => `${begin}${measured}\n${end}`);
}

/** For the README of the repository: the report's first numbers and one chart. */
function measuredOfAll(results: AllResults): string {
  const { date, commit, machine } = results.writes.origin;
  const [items] = summary(results).flatMap((block) => (block.kind === "list" ? [block.items] : []));
  return [
    ...(items ?? []).map((item) => `- ${item}`),
    "",
    "![Rows written a turn, by workload](bench/report/charts/rows.svg)",
    "",
    `\`npm run bench\`, ${date.slice(0, 10)}, commit ${commit}, ${machine}. Everything that was compared, and where others are ahead: [the report](bench/report/report.md).`,
  ].join("\n");
}

const ENGINES = { dormouse: "dormouse", vue: "Vue", mobx: "MobX", "bare-proxy": "bare Proxy" };
const ROWS = new Set([
  "create",
  "read-path",
  "rerun-250",
  "write-1-effect",
  "for-of",
  "push",
  "shift-push",
  "map-get",
  "memory-untracked",
  "memory-effect",
  "dirty-flush-1",
]);

/** For the engine's README: some rows of the report's table, and every row in which a peer that tracks is ahead. */
function measuredOfEngine({ reactive }: AllResults): string {
  const { date, commit, machine, node } = reactive.origin;
  const results = new Results(reactive.cells);
  const rows = WORKS.filter(({ name }) => ROWS.has(name)).map(({ name, title, unit }) =>
    [title.replaceAll("`", ""), unit].concat(
      Object.keys(ENGINES).map((engine) => short(results.value(engine, name))),
    ),
  );
  const lost = results
    .lost()
    .map(({ work, engine, ratio }) => `\`${work}\` (${engine}, ${ratio.toFixed(2)} ×)`);
  return [
    ...tableLines(["work", "unit", ...Object.values(ENGINES)], rows),
    "",
    `In ns a unit, or bytes for memory. A peer that tracks is ahead in ${lost.length === 0 ? "no row" : lost.join(", ")}.`,
    `\`npm run bench:reactive\`, ${date.slice(0, 10)}, commit ${commit}, ${machine}, ${node}; all rows, and the reasons: [the report](../../bench/report/report.md#reactive-engine).`,
  ].join("\n");
}
