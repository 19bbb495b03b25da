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
