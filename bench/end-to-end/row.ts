import { median } from "../harness/statistics.ts";

export interface EndToEndRow {
  readonly object: string;
  readonly title: string;
  /** Median of the rounds, and all of them. */
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

/** How many times the messages a second of `other` an object did: the median over the rounds, each compared within itself. */
export function rateRatio(rows: readonly EndToEndRow[], object: string, other: string): number | undefined {
  const own = rows.find((row) => row.object === object)?.rounds;
  const theirs = rows.find((row) => row.object === other)?.rounds;
  if (own === undefined || theirs === undefined) return undefined;
  return median(own.map((rate, round) => rate / (theirs[round] ?? Number.NaN)));
}
