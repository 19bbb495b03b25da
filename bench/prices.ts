// What the platform charges, in one place: the report's USD come from here.
// Source: https://developers.cloudflare.com/durable-objects/platform/pricing/ (SQLite storage backend, Workers Paid plan, beyond
// what is included), as noted on 2026-11-24. Not counted: the duration an object is in memory, the same for every way of keeping a
// state as long as it hibernates, and stored gigabytes.

export const PRICES = {
  source: "https://developers.cloudflare.com/durable-objects/platform/pricing/",
  date: "2026-11-24",
  /** USD for a million rows written; a key-value put is one row, deletes count. */
  millionRowsWritten: 1.0,
  /** USD for a million rows read. */
  millionRowsRead: 0.001,
  /** USD for a million requests. */
  millionRequests: 0.15,
  /** Incoming WebSocket messages that count as one request. */
  messagesPerRequest: 20,
} as const;

/** USD for a million incoming messages of which each writes `rowsPerMessage` rows. */
export function usdPerMillionMessages(rowsPerMessage: number): number {
  return rowsPerMessage * PRICES.millionRowsWritten + PRICES.millionRequests / PRICES.messagesPerRequest;
}
