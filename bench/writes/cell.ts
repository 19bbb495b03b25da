import type { WriteCounts } from "./measure.ts";

/** One store on one workload. */
export interface WritesCell {
  readonly store: string;
  readonly workload: string;
  readonly counts: WriteCounts | undefined;
  /** Whether a fresh object restored the state; `undefined` where restoring is the program's own work. */
  readonly restored: boolean | undefined;
  /** Microseconds a turn until its writes are submitted: the median of the rounds. */
  readonly turnMicroseconds: number | undefined;
  /** Why something is missing. */
  readonly error: string | undefined;
}
