export interface EndToEndRow {
  readonly object: string;
  readonly title: string;
  /** The median of the rounds, what their best tenth reach, and all of them. */
  readonly messagesPerSecond: number;
  readonly undisturbed: number;
  readonly rounds: readonly number[];
  /** One message at a time. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly messages: number;
  /** Rows written a message, with many messages unanswered, and one at a time. */
  readonly rowsUnderLoad: number;
  readonly rowsOneAtATime: number;
}

/** How many times the messages a second of `other` an object did. */
export function rateRatio(rows: readonly EndToEndRow[], object: string, other: string): number | undefined {
  const own = rows.find((row) => row.object === object)?.messagesPerSecond;
  const theirs = rows.find((row) => row.object === other)?.messagesPerSecond;
  return own === undefined || theirs === undefined ? undefined : own / theirs;
}
