// From the cells' results to the table, the ratios and the verdicts.
import { short, textTable } from "../harness/text.ts";
import { ENGINES } from "./engines/registry.ts";
import { TARGETS, type Target } from "./targets.ts";
import { WORKS } from "./works/index.ts";

export interface CellSummary {
  readonly engine: string;
  readonly work: string;
  /** ns a unit, or bytes a unit: the median over processes. `undefined` where there is nothing to measure. */
  readonly value: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly processes: number;
  /** Processes in which the machine was too busy to keep enough samples. */
  readonly disturbed: number;
  /** Why there is no value. */
  readonly missing: string | undefined;
}

export interface Verdict {
  readonly target: Target;
  readonly ratio: number | undefined;
  readonly verdict: "met" | "missed" | "not measured";
  readonly reference: string;
}

export class Results {
  readonly cells: readonly CellSummary[];
  constructor(cells: readonly CellSummary[]) {
    this.cells = cells;
  }

  value(engine: string, work: string): number | undefined {
    return this.cells.find((cell) => cell.engine === engine && cell.work === work)?.value;
  }

  /** The fastest engine of kind "peer" at this work. */
  bestPeer(work: string): { engine: string; value: number } | undefined {
    let best: { engine: string; value: number } | undefined;
    for (const { name, kind } of ENGINES) {
      const value = kind === "peer" ? this.value(name, work) : undefined;
      if (value !== undefined && (best === undefined || value < best.value)) best = { engine: name, value };
    }
    return best;
  }

  verdicts(): Verdict[] {
    return TARGETS.map((target) => {
      const { ratio, reference } = this.#ratio(target);
      const verdict = ratio === undefined ? "not measured" : ratio <= target.max ? "met" : "missed";
      return { target, ratio, reference, verdict };
    });
  }

  /** Rows in which a tracking peer is ahead. */
  lost(): { work: string; engine: string; ratio: number }[] {
    return WORKS.flatMap(({ name }) => {
      const ours = this.value("dormouse", name);
      const best = this.bestPeer(name);
      if (ours === undefined || best === undefined || ours <= best.value) return [];
      return [{ work: name, engine: best.engine, ratio: ours / best.value }];
    });
  }

  #ratio(target: Target): { ratio: number | undefined; reference: string } {
    if (target.against === "absolute") {
      const value =
        target.work === "dirty-mark"
          ? difference(this.value("dormouse", "write-held-dirty"), this.value("dormouse", "write-held"))
          : this.value("dormouse", target.work);
      return { ratio: value, reference: target.unit ?? "" };
    }
    const ours = this.value("dormouse", target.work);
    const peer = target.against === "best-peer" ? this.bestPeer(target.work) : undefined;
    const reference =
      target.against === "best-peer" ? `best peer (${peer?.engine ?? "none"})` : target.against;
    const value = target.against === "best-peer" ? peer?.value : this.value(target.against, target.work);
    return { ratio: ours === undefined || value === undefined ? undefined : ours / value, reference };
  }
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

export function printResults(results: Results, engines: readonly string[]): void {
  const rows = WORKS.filter((work) => results.cells.some((cell) => cell.work === work.name)).map((work) => {
    const ours = results.value("dormouse", work.name);
    const limit = results.value("bare-proxy", work.name);
    const best = results.bestPeer(work.name);
    const ratio = (other: number | undefined) =>
      ours === undefined || other === undefined ? "" : (ours / other).toFixed(2);
    const measured = engines.map((engine) => short(results.value(engine, work.name)));
    const ratios = [ratio(limit), best ? `${ratio(best.value)} ${best.engine}` : ""];
    return [`${work.name} (${work.unit})`].concat(measured, ratios);
  });
  console.log(textTable(["work (unit), ns or bytes", ...engines, "/limit", "/best peer"], rows));

  const verdicts = results.verdicts().filter((verdict) => verdict.verdict !== "not measured");
  if (verdicts.length > 0) {
    console.log(
      `\nTargets (${verdicts.filter((verdict) => verdict.verdict === "met").length} of ${verdicts.length} met)`,
    );
    const table = verdicts.map((verdict) => [
      verdict.target.work,
      verdict.reference,
      verdict.target.max.toString(),
      verdict.ratio?.toFixed(2) ?? "",
      verdict.verdict,
    ]);
    console.log(textTable(["work", "against", "at most", "found", ""], table));
  }
  for (const { work, engine, ratio } of results.lost())
    console.log(`behind ${engine} in ${work}: ${ratio.toFixed(2)} ×`);
  for (const cell of results.cells) {
    if (cell.missing !== undefined && cell.missing.startsWith("failed"))
      console.log(`${cell.engine} ${cell.work}: ${cell.missing}`);
  }
  const disturbed = results.cells.filter((cell) => cell.disturbed > 0);
  if (disturbed.length > 0) {
    console.log(
      `The machine was busy: ${disturbed.length} cells had to use all of their samples (e.g. ${disturbed[0]?.engine} ${disturbed[0]?.work}).`,
    );
  }
}
