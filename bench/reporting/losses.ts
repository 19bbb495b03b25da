// Every comparison in which something else is ahead, with the reason. A reason is written by hand; a comparison that has none says so.
import { rateRatio, type EndToEndRow } from "../end-to-end/row.ts";
import type { Results } from "../reactive/table.ts";
import type { RestoreCell } from "../restore/cell.ts";
import type { RestoreShape } from "../restore/job.ts";
import type { WritesCell } from "../writes/cell.ts";
import { WORKLOADS } from "../writes/workloads/index.ts";
import { ONE_SIGNAL_REASON, REACTIVE_REASONS } from "./reasons.ts";

const UNKNOWN = "no reason is known yet";

/** A difference below this is noise; counts have none. */
const NOISE = { rows: 1, bytes: 1, turnMicroseconds: 1.1, time: 1.03 } as const;

const none = (items: string[], otherwise: string) => (items.length > 0 ? items : [otherwise]);

export function reactiveLosses(results: Results): string[] {
  const rows = results
    .lost()
    .filter(({ ratio }) => ratio > NOISE.time)
    .map(
      ({ work, engine, ratio }) =>
        `\`${work}\`: ${engine} is ahead, ${ratio.toFixed(2)} ×. ${sentence(REACTIVE_REASONS[work] ?? UNKNOWN)}`,
    );
  const missed = results
    .verdicts()
    .filter(({ verdict }) => verdict === "missed")
    .map(
      ({ target, ratio, reference }) =>
        `Target missed: \`${target.work}\` against ${reference}, ${ratio?.toFixed(2)} where at most ${target.max} was wanted. ${sentence(REACTIVE_REASONS[target.work] ?? UNKNOWN)}`,
    );
  const bare = ["write-1-effect", "write-100-effects"].flatMap((work) => {
    const [ours, one] = [results.value("dormouse", work), results.value("signals-by-hand", work)];
    if (ours === undefined || one === undefined || ours <= one * NOISE.time) return [];
    return `\`${work}\`: one signal for the leaf alone, written by hand, is ahead, ${(ours / one).toFixed(2)} ×. ${sentence(ONE_SIGNAL_REASON)}`;
  });
  return none(
    [...rows, ...bare, ...missed],
    "Ahead of every engine that tracks, in every row, and every target is met.",
  );
}

type Metric = "rows" | "bytes" | "turnMicroseconds";

const OURS_TITLES = {
  "dormouse-keys": "keys, shallow,",
  "dormouse-keys-deep": "keys, deep,",
  "dormouse-log": "log, shallow,",
  "dormouse-log-deep": "log, deep,",
} as const;

const METRIC_TITLES = { rows: "rows", bytes: "bytes", turnMicroseconds: "time a turn" } as const;

export function writesLosses(cells: readonly WritesCell[]): string[] {
  const value = (store: string, workload: string, metric: Metric) => {
    const cell = cells.find((candidate) => candidate.store === store && candidate.workload === workload);
    return metric === "turnMicroseconds" ? cell?.turnMicroseconds : cell?.counts?.[metric];
  };
  const lines: string[] = [];
  for (const ours of Object.keys(OURS_TITLES) as (keyof typeof OURS_TITLES)[]) {
    for (const metric of Object.keys(METRIC_TITLES) as Metric[]) {
      const rivals: string[] = [];
      const reasons = new Set<string>();
      for (const other of ["by-hand", "per-write", "persist", "agents"]) {
        const worse = WORKLOADS.flatMap(({ name }) => {
          const own = value(ours, name, metric);
          const theirs = value(other, name, metric);
          if (own === undefined || theirs === undefined || own <= theirs * NOISE[metric]) return [];
          return [{ name, ratio: own / theirs }];
        }).toSorted((a, b) => b.ratio - a.ratio);
        const [worst] = worse;
        if (worst === undefined) continue;
        const named =
          metric === "rows"
            ? worse.map(({ name, ratio }) => `\`${name}\` ${ratioText(ratio)} ×`).join(", ")
            : `${worse.length} of ${WORKLOADS.length} workloads, the most at \`${worst.name}\`, ${ratioText(worst.ratio)} ×`;
        rivals.push(`${other} ${named}`);
        reasons.add(writesReason(ours, other, metric));
      }
      if (rivals.length === 0) continue;
      lines.push(
        `${OURS_TITLES[ours]} ${METRIC_TITLES[metric]}: ${rivals.join("; ")}. ${[...reasons].join(" ")}`,
      );
    }
  }
  return none(lines, "Nothing else is ahead.");
}

function ratioText(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2);
}

function writesReason(ours: string, other: string, metric: Metric): string {
  const isLog = ours.includes("log");
  const isShallow = !ours.endsWith("deep");
  if (metric === "rows") {
    return isLog
      ? "What the log is about was larger than a row, and went to the keys' rows."
      : "One row a key; hand-written code knows that only one record inside the key changed.";
  }
  if (metric === "bytes") {
    if (isLog && !isShallow)
      return "A log row carries its own header and the paths of what changed; hand-written rows carry only the record.";
    if (other === "agents") return "It writes less because it does not keep what it can't put in JSON.";
    return "Keys are written whole; hand-written code splits them into one row a record. The log layout, deep, writes only what changed.";
  }
  return isLog && !isShallow
    ? "Tracking, encoding the patches and scheduling the flush cost more than one put of a known record."
    : "Whole keys are encoded and checked before they are put; hand-written code puts one small record.";
}

export function restoreLosses(
  cells: readonly RestoreCell[],
  title: (shape: RestoreShape) => string,
): string[] {
  const lines: string[] = [];
  for (const way of ["keys", "log"] as const) {
    const own = cells.filter((cell) => cell.way === way);
    for (const { shape, error } of own)
      if (error !== undefined) lines.push(`${way}, ${title(shape)}: ${error}.`);
    for (const other of ["by-hand", "per-write"] as const) {
      const slower = own.flatMap(({ shape, ms }) => {
        const theirs = cells.find((cell) => cell.way === other && title(cell.shape) === title(shape))?.ms;
        if (ms === undefined || theirs === undefined || ms <= theirs * NOISE.turnMicroseconds + 0.1)
          return [];
        return [{ text: `${title(shape)} (${ms.toFixed(2)} ms, ${theirs.toFixed(2)})`, ratio: ms / theirs }];
      });
      if (slower.length === 0) continue;
      const named = slower.toSorted((a, b) => b.ratio - a.ratio).map(({ text }) => text);
      lines.push(
        `${way} against ${other}, in ${slower.length} of ${own.length} states: ${named.join("; ")}.`,
      );
    }
  }
  const why =
    "Why: records of the log are decoded in JavaScript, the rows of keys by the platform; a state written whole and not folded yet is the worst case. Besides reading, a wake checks format and version, decodes every value and claims the tree so that each change is seen; hand-written code only reads, and differences of a tenth of a millisecond are within the noise of a request.";
  return lines.length > 0 ? [...lines, why] : ["Nothing else is ahead."];
}

export function socketLosses(rows: readonly EndToEndRow[]): string[] {
  const by = (object: string) => rows.find((row) => row.object === object);
  const hand = by("ByHand");
  const handGroup = by("ByHandGroup");
  const lines: string[] = [];
  for (const row of rows.filter(({ object }) => object.startsWith("Dormouse"))) {
    const rival = row.object.startsWith("DormouseGroup") ? handGroup : hand;
    const ratio = rival && rateRatio(rows, row.object, rival.object);
    if (ratio !== undefined && ratio * NOISE.time < 1) {
      lines.push(
        `${row.title}: ${ratio.toFixed(2)} × the messages a second of ${rival?.title}. The runtime parses and checks the frame, looks up the handler, tracks the change and keeps the order of handlers, which the hand-written object does not do.`,
      );
    }
    if (hand && row.p50Ms > hand.p50Ms * NOISE.time) {
      const why = row.object.startsWith("DormouseGroup")
        ? "A group lets other messages join before it commits."
        : "The same work as above, once a message.";
      lines.push(
        `${row.title}: p50 ${row.p50Ms.toFixed(3)} ms one at a time, ${hand.title} ${hand.p50Ms.toFixed(3)}. ${why}`,
      );
    }
  }
  return none(lines, "Nothing hand-written is ahead.");
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1).replace(/\.$/, "")}.`;
}
