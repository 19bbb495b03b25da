import { short } from "../../harness/text.ts";
import { ENGINES, reasonToSkip } from "../../reactive/engines/registry.ts";
import { Results } from "../../reactive/table.ts";
import { WORKS } from "../../reactive/works/index.ts";
import type { Point, Series } from "../chart.ts";
import { heading, list, text, type Block } from "../document.ts";
import { reactiveLosses } from "../losses.ts";
import type { AllResults } from "../results.ts";
import { chart, origin, versions } from "./shared.ts";

const ENGINE_SERIES: readonly Series[] = [
  { key: "dormouse", label: "dormouse", color: "ours" },
  { key: "vue", label: "vue", color: "green" },
  { key: "mobx", label: "mobx", color: "orange", symbol: "square" },
  { key: "valtio", label: "valtio (reads untracked)", color: "brown", symbol: "triangle" },
  { key: "deepsignal", label: "deepsignal", color: "purple", symbol: "diamond" },
  { key: "alien-deepsignals", label: "alien-deepsignals", color: "pink" },
  { key: "solid-store", label: "solid store", color: "ours2", symbol: "triangle" },
  { key: "legend-state", label: "legend-state", color: "red", symbol: "diamond" },
  { key: "bare-proxy", label: "bare Proxy (limit)", color: "hand", symbol: "square" },
];

export function reactiveSection({ reactive }: AllResults): Block[] {
  const results = new Results(reactive.cells);
  const main = WORKS.filter((work) => !work.name.includes("depth"));
  const engines = ENGINES.filter((engine) =>
    main.some((work) => reasonToSkip(engine, work.name) === undefined),
  );
  const ratios: Point[] = main.flatMap((work) => {
    const ours = results.value("dormouse", work.name);
    if (ours === undefined || work.name.includes("dirty")) return [];
    return ENGINE_SERIES.flatMap(({ key }) => {
      const value = results.value(key, work.name);
      return value === undefined || key === "dormouse"
        ? []
        : [{ row: work.name, series: key, value: value / ours }];
    });
  });
  const verdicts = results.verdicts();
  return [
    heading(2, "Reactive engine"),
    text(
      "Each number is a fresh Node process: inline caches polluted with 160 object shapes through the same engine, the result checked, then samples of about 1 ms of which only those count around which a WebAssembly loop ran at full speed. `limit` is the leanest bare deep Proxy there can be; valtio reads without tracking, so it is not a peer for reads; `plain` is no proxy at all.",
    ),
    origin(
      reactive,
      `medians over ${reactive.processes} ${reactive.processes === 1 ? "process" : "processes"} a cell`,
    ),
    versions(reactive.peers),
    chart("reactive", "Time or memory relative to dormouse (1 = equal, right = dormouse is ahead)", {
      axis: "times dormouse →",
      series: ENGINE_SERIES.filter((series) => series.key !== "dormouse"),
      points: ratios,
      reference: 1,
    }),
    {
      kind: "table",
      caption: "ns a unit, or bytes for memory",
      header: ["work", "unit", ...engines.map((engine) => engine.name), "/ limit", "/ best peer"],
      rows: main.map((work) =>
        reactiveRow(
          results,
          work.name,
          work.title,
          work.unit,
          engines.map((engine) => engine.name),
        ),
      ),
      ours: [2],
    },
    {
      kind: "table",
      caption: `Targets, as ratios within this run: ${verdicts.filter((verdict) => verdict.verdict === "met").length} of ${verdicts.length} met`,
      header: ["work", "against", "at most", "found", ""],
      rows: verdicts.map(({ target, reference, ratio, verdict }) => [
        target.work,
        reference,
        String(target.max),
        ratio?.toFixed(2) ?? "",
        verdict,
      ]),
    },
    heading(3, "Engine: where we lose"),
    list(reactiveLosses(results)),
  ];
}

function reactiveRow(
  results: Results,
  work: string,
  title: string,
  unit: string,
  engines: readonly string[],
): string[] {
  const ours = results.value("dormouse", work);
  const limit = results.value("bare-proxy", work);
  const best = results.bestPeer(work);
  const ratio = (other: number | undefined) =>
    ours === undefined || other === undefined ? "" : (ours / other).toFixed(2);
  const measured = engines.map((engine) => short(results.value(engine, work)));
  return [title.replaceAll("`", ""), unit].concat(
    measured,
    ratio(limit),
    best ? `${ratio(best.value)} (${best.engine})` : "",
  );
}
