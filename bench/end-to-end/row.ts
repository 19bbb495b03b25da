import { quantile } from "../harness/statistics.ts";

export interface EndToEndRow {
  readonly object: string;
  readonly title: string;
  /** What the best tenth of the rounds reach, and all of them. */
  readonly messagesPerSecond: number;
  readonly rounds: readonly number[];
  /** One message at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly messages: number;
  /** Rows written a message, with many messages unanswered, and one at a time. */
  readonly rowsUnderLoad: number;
  readonly rowsOneAtATime: number;
}

/** The rate that a tenth of the rounds reach: on a shared machine whatever disturbs a round only slows it. */
export function undisturbed(rates: readonly number[]): number {
  return quantile(rates, 0.9);
}

/** How many times the messages a second of `other` an object did. */
export function rateRatio(rows: readonly EndToEndRow[], object: string, other: string): number | undefined {
  const own = rows.find((row) => row.object === object)?.messagesPerSecond;
  const theirs = rows.find((row) => row.object === other)?.messagesPerSecond;
  return own === undefined || theirs === undefined ? undefined : own / theirs;
}
