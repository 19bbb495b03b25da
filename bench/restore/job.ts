// What the driver asks of an object, as JSON in the body of a request.

export const RESTORE_WAYS = ["nothing", "by-hand", "keys", "log", "per-write"] as const;
export type RestoreWay = (typeof RESTORE_WAYS)[number];

export interface RestoreShape {
  readonly keys: number;
  /** All values together. */
  readonly bytes: number;
  /** Flushes, of one small edit each, after every key was written once. */
  readonly flushes: number;
}

export type RestoreJob =
  | { readonly kind: "prepare"; readonly way: RestoreWay; readonly shape: RestoreShape }
  | { readonly kind: "wake"; readonly way: RestoreWay; readonly shape: RestoreShape }
  | { readonly kind: "abort" };

export interface Woken {
  /** Calls of `get`, `list`, `kv.get`, and SQL queries. */
  readonly reads: number;
  /** Whether the state is the one that was prepared. */
  readonly restored: boolean;
}
