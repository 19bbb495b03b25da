import type { RestoreShape, RestoreWay } from "../../restore/job.ts";
import type { Series } from "../chart.ts";
import { heading, list, text, type Block } from "../document.ts";
import { restoreLosses } from "../losses.ts";
import type { AllResults } from "../results.ts";
import { chart, origin } from "./shared.ts";

export function restoreSection({ restore }: AllResults): Block[] {
  const ways: readonly { way: RestoreWay; series: Series }[] = [
    { way: "log", series: { key: "log", label: "dormouse log", color: "ours" } },
    { way: "keys", series: { key: "keys", label: "dormouse keys", color: "ours2", symbol: "square" } },
    {
      way: "by-hand",
      series: { key: "by-hand", label: "hand-written list()", color: "hand", symbol: "diamond" },
    },
    {
      way: "per-write",
      series: { key: "per-write", label: "per-write model", color: "red", symbol: "triangle" },
    },
  ];
  const shapes = [...new Map(restore.cells.map(({ shape }) => [shapeTitle(shape), shape])).keys()];
  const cell = (title: string, way: RestoreWay) =>
    restore.cells.find((candidate) => candidate.way === way && shapeTitle(candidate.shape) === title);
  return [
    heading(2, "Restore"),
    text(
      "What a request that wakes a thrown-away object and restores its state takes longer than one that restores nothing. Every restored value is compared. The hand-written code reads everything with one `list()`.",
    ),
    origin(restore, `medians of ${restore.wakes} wakes`),
    chart("restore", "Time to restore", {
      axis: "ms →",
      series: ways.map(({ series }) => series),
      points: shapes.flatMap((row) =>
        ways.flatMap(({ way }) => {
          const ms = cell(row, way)?.ms;
          return ms === undefined ? [] : [{ row, series: way, value: Math.max(ms, 0.01) }];
        }),
      ),
    }),
    {
      kind: "table",
      caption: "Reads, and ms to restore",
      header: ["state", ...ways.map(({ series }) => series.label)],
      rows: shapes.map((title) =>
        [title].concat(
          ways.map(({ way }) => {
            const found = cell(title, way);
            return found?.ms === undefined
              ? (found?.error ?? "")
              : `${found.reads ?? "?"} / ${found.ms.toFixed(2)}`;
          }),
        ),
      ),
      ours: [1, 2],
    },
    heading(3, "Restore: where we lose"),
    list(restoreLosses(restore.cells, shapeTitle)),
  ];
}

function shapeTitle({ keys, bytes, flushes }: RestoreShape): string {
  const size = bytes >= 1e6 ? `${bytes / 1e6} MB` : `${bytes / 1e3} KB`;
  const after = flushes === 0 ? "" : `, ${shortCount(flushes)} flushes`;
  return `${shortCount(keys)} ${keys === 1 ? "key" : "keys"}, ${size}${after}`;
}

const shortCount = (count: number) => count.toLocaleString("en");
