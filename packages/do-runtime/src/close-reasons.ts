// Why the server closes for good; the client must know them, since a replaced tab that reconnects would replace the one that replaced it.

/** A newer socket of the same user took the place. */
export const REPLACED = "Replaced by a newer connection";
/** `destroy()` was called. */
export const DESTROYED = "The connection was destroyed";

/** After these a client doesn't come back by itself. */
export const FINAL_REASONS: ReadonlySet<string> = new Set([REPLACED, DESTROYED]);
