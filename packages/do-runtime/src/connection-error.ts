/** What went wrong, as a word that a program can compare. */
export type ConnectionErrorCode =
  /** The Worker has no binding of that name, or it isn't one to Durable Objects. */
  | "BINDING_MISSING"
  /** The binding leads to a class that wasn't made by `createConnectionHandler` or `createRoomHandler`. */
  | "CLASS_MISMATCH"
  /** The class isn't listed in the Worker's migrations. */
  | "MIGRATION_MISSING"
  /** The Worker's compatibility date or flags lack something that is needed. */
  | "COMPATIBILITY"
  /** An option of the definition is wrong. */
  | "INVALID_DEFINITION"
  /** `extractMeta` returned something that can't be a connection's metadata. */
  | "INVALID_META"
  /** The metadata, serialized, is larger than a socket's attachment may be. */
  | "ATTACHMENT_TOO_LARGE"
  /** A room's or a user's name is empty, longer than 1,024 bytes, or no well-formed text. */
  | "INVALID_NAME"
  /** A payload can't be JSON. */
  | "PAYLOAD_NOT_JSON"
  /** A room's method was called on a user's object. */
  | "NOT_A_ROOM"
  /** A connection's method was called on a room's object. */
  | "NOT_A_CONNECTION"
  /** `setRoomState` named a key that the room doesn't have. */
  | "UNKNOWN_KEY"
  /** A room's method was called with something of another kind. */
  | "INVALID_ARGUMENT";

/**
 * Thrown when a connection or a room can't do what it was asked to; state that can't be stored gives a `PersistError`.
 *
 * @example
 * if (error instanceof ConnectionError && error.code === "ATTACHMENT_TOO_LARGE") ctx.meta.channels.length = 0;
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, options?: ErrorOptions) {
    super(`[connection] ${message}`, options);
    this.code = code;
  }
}
