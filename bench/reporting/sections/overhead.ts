import { short } from "../../harness/text.ts";
import { ENGINES } from "../../reactive/engines/registry.ts";
import { Results } from "../../reactive/table.ts";
import { lineChart, type Point, type Series } from "../chart.ts";
import { heading, text, type Block } from "../document.ts";
import type { AllResults } from "../results.ts";
import { origin } from "./shared.ts";

export function overheadSection({ reactive }: AllResults): Block[] {
  const results = new Results(reactive.cells);
  const depths = ["0", "1", "2", "3", "4", "5"];
  const series: readonly Series[] = [
    { key: "dormouse", label: "dormouse", color: "ours" },
    { key: "dormouse-shallow", label: "dormouse shallow", color: "ours2", symbol: "square" },
    { key: "per-write", label: "per-write model, deep", color: "red", symbol: "triangle" },
    { key: "vue", label: "vue", color: "green" },
    { key: "mobx", label: "mobx", color: "orange", symbol: "square" },
    { key: "solid-store", label: "solid store", color: "purple", symbol: "diamond" },
    { key: "bare-proxy", label: "bare Proxy", color: "hand", symbol: "square" },
    { key: "plain", label: "plain object", color: "ink" },
  ];
  const points = (kind: "read" | "write"): Point[] =>
    depths.flatMap((row) =>
      series.flatMap(({ key }) => {
        const value = results.value(key, `${kind}-depth-${row}`);
        return value === undefined ? [] : [{ row, series: key, value }];
      }),
    );
  const table = (kind: "read" | "write"): Block => ({
    kind: "table",
    caption: `ns a ${kind} by depth, nobody observes`,
    header: ["engine", ...depths.map((depth) => `depth ${depth}`)],
    rows: ENGINES.filter((engine) => results.value(engine.name, `${kind}-depth-0`) !== undefined).map(
      (engine) =>
        [engine.name].concat(
          depths.map((depth) => short(results.value(engine.name, `${kind}-depth-${depth}`))),
        ),
    ),
  });
  return [
    heading(2, "Proxy overhead by depth"),
    text(
      "What one read or write through the proxies costs, `state.v` to `state.n.n.n.n.n.v`, over a storage that does nothing. The per-write model serializes its whole root at each write of a tracked key and makes a new Proxy at each nested read. Arrays and Map are in the table of the engine below.",
    ),
    origin(
      reactive,
      `medians over ${reactive.processes} ${reactive.processes === 1 ? "process" : "processes"} a cell`,
    ),
    line("read-depth", "Reads by depth, ns", series, points("read")),
    line("write-depth", "Writes by depth, ns", series, points("write")),
    table("read"),
    table("write"),
  ];
}

function line(name: string, title: string, series: readonly Series[], points: readonly Point[]): Block {
  return { kind: "chart", name, title, svg: lineChart({ title, steps: "depth →", series, points }) };
}
