// How long does one unit of a work take, in this process? tinybench drives the runs; which samples count is decided here.
import { Bench } from "tinybench";
import type { ReferenceLoop } from "./reference-loop.ts";
import { lowerMean, median, quantile } from "./statistics.ts";

/** One work on one engine, ready to be timed. */
export interface Cell {
  /** Units of work in one `run()`. */
  readonly unitsPerRun: number;
  /** The timed body. */
  run(): void;
  /** Builds what the next `runs` calls of `run()` use up; not timed. Its presence marks a work that allocates. */
  prepare?(runs: number): void;
  /** Throws if `run()` does not do what the work says; called before timing, and leaves the cell ready to run. */
  check(): void;
}

export interface SampleOptions {
  readonly warmupMs: number;
  /** Samples to keep before stopping. */
  readonly samples: number;
  /** Stop after this time even if fewer samples were kept. */
  readonly maxMs: number;
}

export interface Timing {
  /** Nanoseconds a unit: the median of the kept samples, or the mean of their lower 90 % for works that allocate. */
  readonly ns: number;
  readonly p99Ns: number;
  readonly kept: number;
  readonly taken: number;
  /** False when too few samples ran at full speed, so that all of them had to be used. */
  readonly quiet: boolean;
}

const SAMPLE_MS = 1;
const MAX_RUNS = 20_000;

/** Times a checked cell. Samples of about 1 ms; only those count before and after which the machine ran at full speed. */
export function sample(cell: Cell, loop: ReferenceLoop, options: SampleOptions): Timing {
  const started = performance.now();
  const runs = warmUp(cell, options.warmupMs);
  const kept: number[] = [];
  const all: number[] = [];
  let quietBefore = false;
  let begin = 0;
  let end = 0;

  const body = () => {
    begin = performance.now();
    for (let i = 0; i < runs; i++) cell.run();
    end = performance.now();
    return { overriddenDuration: (end - begin) / runs, overriddenIterationCost: end - begin };
  };
  const beforeEach = () => {
    cell.prepare?.(runs);
    quietBefore = loop.atFullSpeed();
  };
  const afterEach = () => {
    const ns = ((end - begin) * 1e6) / (runs * cell.unitsPerRun);
    all.push(ns);
    if (loop.atFullSpeed() && quietBefore) kept.push(ns);
  };

  do {
    const bench = new Bench({ iterations: options.samples, time: 0, warmup: false, throws: true });
    bench.add("work", body, { async: false, beforeEach, afterEach });
    bench.runSync();
  } while (kept.length < options.samples && performance.now() - started < options.maxMs);

  const quiet = kept.length >= Math.min(options.samples, 10);
  const counted = quiet ? kept : all;
  return {
    ns: cell.prepare ? lowerMean(counted) : median(counted),
    p99Ns: quantile(counted, 0.99),
    kept: kept.length,
    taken: all.length,
    quiet,
  };
}

/** Runs the cell until it is warm; tells how many runs make a sample. */
function warmUp(cell: Cell, warmupMs: number): number {
  let runs = 1;
  let spent = 0;
  const started = performance.now();
  while (spent < warmupMs && performance.now() - started < warmupMs * 8) {
    cell.prepare?.(runs);
    const begin = performance.now();
    for (let i = 0; i < runs; i++) cell.run();
    const duration = performance.now() - begin;
    spent += duration;
    const wanted = Math.round((runs * SAMPLE_MS) / Math.max(duration, 1e-3));
    runs = Math.min(MAX_RUNS, Math.max(1, Math.min(runs * 4, wanted)));
  }
  return runs;
}
