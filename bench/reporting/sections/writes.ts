import { short } from "../../harness/text.ts";
import { STORES } from "../../writes/stores/index.ts";
import { WORKLOADS } from "../../writes/workloads/index.ts";
import type { Point, Series } from "../chart.ts";
import { heading, list, text, type Block } from "../document.ts";
import { writesLosses } from "../losses.ts";
import type { AllResults } from "../results.ts";
import { chart, origin, versions } from "./shared.ts";

const STORE_TITLES: readonly { name: string; title: string }[] = [
  ...STORES,
  { name: "persist", title: "@Persist" },
  { name: "agents", title: "agents setState" },
];

const STORE_SERIES: readonly Series[] = [
  { key: "dormouse-log-deep", label: "dormouse log", color: "ours" },
  { key: "dormouse-keys-deep", label: "dormouse keys", color: "ours2", symbol: "square" },
  { key: "by-hand", label: "hand-written", color: "hand", symbol: "diamond" },
  { key: "per-write", label: "per-write model", color: "red", symbol: "triangle" },
  { key: "persist", label: "@Persist", color: "orange" },
  { key: "agents", label: "agents", color: "purple", symbol: "square" },
];

const turns = (workload: string) => WORKLOADS.find(({ name }) => name === workload)?.turns ?? 1;

export function writesSection({ writes }: AllResults): Block[] {
  const cell = (store: string, workload: string) =>
    writes.cells.find((candidate) => candidate.store === store && candidate.workload === workload);
  const points = (value: (store: string, workload: string) => number | undefined): Point[] =>
    WORKLOADS.flatMap(({ name, title }) =>
      STORE_SERIES.flatMap(({ key }) => {
        const found = value(key, name);
        return found === undefined ? [] : [{ row: rowTitle(title), series: key, value: found }];
      }),
    );
  const table = (caption: string, value: (store: string, workload: string) => string): Block => ({
    kind: "table",
    caption,
    header: ["workload", ...STORE_TITLES.map((store) => store.title)],
    rows: WORKLOADS.map(({ name, title }) =>
      [rowTitle(title)].concat(STORE_TITLES.map((store) => value(store.name, name))),
    ),
    ours: [2, 3, 4, 5],
  });
  const per = (metric: "puts" | "rows" | "bytes") => (store: string, workload: string) => {
    const counts = cell(store, workload)?.counts;
    return counts === undefined ? undefined : counts[metric] / turns(workload);
  };
  const shown = (metric: "puts" | "rows" | "bytes") => (store: string, workload: string) => {
    const found = per(metric)(store, workload);
    if (found === undefined) return "fails";
    return found < 1_000 ? String(Number(found.toPrecision(3))) : short(found);
  };
  const changed = (workload: string) =>
    (cell("by-hand", workload)?.counts?.changedBytes ?? 0) / turns(workload);

  return [
    heading(2, "Write amplification"),
    text(
      "One Durable Object a cell, on real workerd with SQLite; one event a turn; averages over the turns, without the first one. Rows are SQLite's own count, bytes are keys and serialized values handed to storage. A fresh object's restored state was compared before a number was kept. The hand-written code puts only the records that changed, in one call. `shallow` programs assign a key again after changing its inside; `deep` ones need not.",
    ),
    origin(writes, `counts exact, times the median of ${writes.rounds} rounds`),
    versions(writes.peers),
    chart("rows", "Rows written a turn (the bill: 1 USD a million)", {
      axis: "rows a turn →",
      series: STORE_SERIES,
      points: points(per("rows")),
    }),
    chart("bytes", "Bytes handed to storage a turn", {
      axis: "bytes a turn →",
      series: STORE_SERIES,
      points: points(per("bytes")),
    }),
    chart("turn-time", "Time a turn until its writes are submitted", {
      axis: "µs a turn →",
      series: STORE_SERIES,
      points: points((store, workload) => cell(store, workload)?.turnMicroseconds),
    }),
    table("Rows a turn", shown("rows")),
    table("Puts a turn", shown("puts")),
    {
      kind: "table",
      caption: "Bytes a turn",
      header: ["workload", "changed", ...STORE_TITLES.map((store) => store.title)],
      rows: WORKLOADS.map(({ name, title }) =>
        [rowTitle(title), short(changed(name))].concat(
          STORE_TITLES.map((store) => shown("bytes")(store.name, name)),
        ),
      ),
      ours: [3, 4, 5, 6],
    },
    table(
      "µs a turn, in the object",
      (store, workload) => short(cell(store, workload)?.turnMicroseconds) || "fails",
    ),
    relativeTable(writes.cells),
    text(firstTurn(writes.cells)),
    heading(3, "Writes: what fails, and where we lose"),
    list([...failures(writes.cells), ...writesLosses(writes.cells)]),
  ];
}

type Cells = AllResults["writes"]["cells"];

function ratio(own: number | undefined, theirs: number | undefined): string {
  return own === undefined || theirs === undefined || theirs === 0 ? "" : short(own / theirs);
}

/** The same once more, as ratios to the hand-written code: what a library costs against knowing beforehand what changes. */
function relativeTable(cells: Cells): Block {
  const stores = [
    { name: "dormouse-keys-deep", title: "keys" },
    { name: "dormouse-log-deep", title: "log" },
    { name: "per-write-deep", title: "per-write" },
  ];
  const find = (store: string, workload: string) =>
    cells.find((cell) => cell.store === store && cell.workload === workload);
  return {
    kind: "table",
    caption: "Times hand-written code, deep programs",
    header: [
      "workload",
      ...["rows", "bytes", "time"].flatMap((metric) => stores.map((store) => `${metric}, ${store.title}`)),
    ],
    rows: WORKLOADS.map(({ name, title }) => {
      const hand = find("by-hand", name);
      const own = stores.map((store) => find(store.name, name));
      return [rowTitle(title)].concat(
        own.map((cell) => ratio(cell?.counts?.rows, hand?.counts?.rows)),
        own.map((cell) => ratio(cell?.counts?.bytes, hand?.counts?.bytes)),
        own.map((cell) => ratio(cell?.turnMicroseconds, hand?.turnMicroseconds)),
      );
    }),
    ours: [1, 2, 4, 5, 7, 8],
  };
}

/** What is left out of the tables because it happens once. */
function firstTurn(cells: Cells): string {
  const first = (store: string) => {
    const counts = cells.find((cell) => cell.store === store && cell.workload === "counters-3x1")?.counts
      ?.first;
    return counts === undefined ? "not measured" : `${counts.rows} rows, ${counts.bytes} bytes`;
  };
  return `The first turn of an object is not counted above. For one write to each of 3 keys it takes, hand-written: ${first("by-hand")}; \`keys\`: ${first("dormouse-keys")}; \`log\`: ${first("dormouse-log")}.`;
}

function failures(cells: Cells): string[] {
  return cells.flatMap((cell) => {
    const name = STORE_TITLES.find((store) => store.name === cell.store)?.title ?? cell.store;
    if (cell.error !== undefined) return [`${name} fails at \`${cell.workload}\`: ${cell.error}.`];
    return cell.restored === false
      ? [`${name} does not restore the state of \`${cell.workload}\` in a fresh object.`]
      : [];
  });
}

/** Short enough to stand beside a chart on a phone. */
function rowTitle(title: string): string {
  return title
    .replace("trace: a ", "")
    .replace("chat history of ", "history ")
    .replace(", one message pushed", ": push")
    .replace("board of 1,000 cards, ", "board: ")
    .replace("profile object of 1 KB, two nested fields", "profile 1 KB: 2 fields")
    .replace("the same value assigned 10 times", "equal value × 10")
    .replace("Map of 200 and Set: one entry each", "Map and Set: 1 entry")
    .replace("one key of ", "")
    .replace(", one nested number", ": 1 number")
    .replace(/writes? to 1 key/, "× 1 key")
    .replace(/writes? to each of 3 keys/, "× 3 keys");
}
