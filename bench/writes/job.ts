// What the driver asks of an object, as JSON in the body of a request. The object's name is "workload:anything".

export type Job =
  | { readonly kind: "count"; readonly store: string; readonly workload: string }
  | { readonly kind: "time"; readonly store: string; readonly workload: string; readonly minimumMs: number }
  /** Is the state that a fresh object restores the one that the counted turns left? */
  | { readonly kind: "check"; readonly store: string; readonly workload: string }
  /** Throws the object away, as an eviction does. */
  | { readonly kind: "abort"; readonly store: string; readonly workload: string };
