// The platform's numbers. Bytes are of the serialized form (structured clone), and 1 KiB = 1024 bytes.
// Sources: developers.cloudflare.com/durable-objects/platform/limits and .../api/storage-api. Local workerd enforces few of
// them, so they are checked here, before anything is written.

/** What a storage backend takes. */
export interface StorageLimits {
  /** Longest key, in UTF-8 bytes. */
  readonly maxKeyBytes: number;
  /** Largest serialized value; where the platform limits key and value together, the key's bytes count as well. */
  readonly maxValueBytes: number;
  /** Whether `maxValueBytes` is for key and value together. */
  readonly keyCounts: boolean;
}

/** SQLite-backed objects: "Key and value size: Key and value combined cannot exceed 2 MB". */
export const SQLITE_LIMITS: StorageLimits = { maxKeyBytes: 2048, maxValueBytes: 2_000_000, keyCounts: true };

/** KV-backed objects: "Key size: 2 KiB", "Value size: 128 KiB". */
export const KV_LIMITS: StorageLimits = { maxKeyBytes: 2048, maxValueBytes: 131_072, keyCounts: false };

/** "Supports up to 128 keys at a time": `get`, `put` and `delete`. */
export const MAX_KEYS_PER_CALL = 128;

/** "list() returns up to 1,000 keys" a page; ask for the next with `startAfter`. */
export const MAX_LIST_KEYS = 1000;

/** A hibernatable socket's `serializeAttachment`: "The maximum serialized size is 16,384 bytes". */
export const MAX_ATTACHMENT_BYTES = 16_384;

/** RFC 6455, 5.5: a close frame's payload is at most 125 bytes, two of them the code. */
export const MAX_CLOSE_REASON_BYTES = 123;

/** `ctx.id.name` is undefined for names of more bytes than this: such an object would not know whose it is. */
export const MAX_NAME_BYTES = 1024;

/** The longest message a socket receives: 32 MiB. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
