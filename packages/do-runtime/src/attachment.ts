// What a hibernatable socket carries through hibernation: its metadata, and whether it still counts.
import { ConnectionError } from "./connection-error.ts";
import type { ConnectionMeta } from "./definition.ts";
import { MAX_ATTACHMENT_BYTES } from "./limits.ts";

/** A socket's attachment, as we write it. */
export interface Attachment {
  readonly meta: ConnectionMeta;
  /** When it was accepted, in milliseconds since the epoch. */
  readonly connectedAt: number;
  /** A newer socket replaced it, or the object was destroyed: its late messages and its close mean nothing any more. */
  readonly ended: boolean;
}

/**
 * Writes the attachment; it is in the platform's hands at once.
 *
 * @throws ConnectionError with code ATTACHMENT_TOO_LARGE or INVALID_META; the attachment before it stays.
 */
export function writeAttachment(ws: WebSocket, attachment: Attachment): void {
  try {
    ws.serializeAttachment(attachment);
  } catch (cause) {
    const tooLarge = /(\d+) bytes\.?$/.exec(cause instanceof Error ? cause.message : "");
    if (tooLarge === null) {
      throw new ConnectionError(
        "INVALID_META",
        "the metadata holds something no structured clone keeps (a function, a promise); keep plain values there",
        { cause },
      );
    }
    throw new ConnectionError(
      "ATTACHMENT_TOO_LARGE",
      `the metadata takes ${tooLarge[1]} bytes in the socket's attachment, the limit is ${MAX_ATTACHMENT_BYTES}; keep large values in the state or in storage`,
      { cause },
    );
  }
}

/** Reads an attachment of ours; undefined where there is none, as on a socket that somebody else accepted. */
export function readAttachment(ws: WebSocket): Attachment | undefined {
  const value = ws.deserializeAttachment() as Partial<Attachment> | null;
  return typeof value?.ended === "boolean" && isMeta(value.meta) ? (value as Attachment) : undefined;
}

/** Whether something can be a connection's metadata. */
export function isMeta(value: unknown): value is ConnectionMeta {
  return (
    // Its own: of an instance, no attachment keeps what its class has.
    Object.hasOwn(Object(value) as object, "userId") &&
    typeof (value as ConnectionMeta).userId === "string" &&
    (value as ConnectionMeta).userId !== ""
  );
}
