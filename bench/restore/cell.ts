import type { RestoreShape, RestoreWay } from "./job.ts";

export interface RestoreCell {
  readonly shape: RestoreShape;
  readonly way: RestoreWay;
  readonly reads: number | undefined;
  /** Milliseconds of a request that wakes the object and restores its state, minus those of one that restores nothing. */
  readonly ms: number | undefined;
  readonly error: string | undefined;
}
