// The wire: text frames of JSON, compatible with Verani's. What comes in is parsed here and nowhere else.

/** A client's frame, after the border: everything a server can be told. */
export type ClientFrame =
  | { readonly kind: "event"; readonly event: string; readonly data: unknown; readonly channel: string }
  | { readonly kind: "ping" }
  | { readonly kind: "refused"; readonly code: ErrorFrameCode; readonly message: string };

/** A server's frame, as a client reads it. */
export type ServerFrame =
  | { readonly kind: "event"; readonly event: string; readonly payload: unknown; readonly channel: string }
  | { readonly kind: "error"; readonly error: ErrorFrame }
  | { readonly kind: "pong" }
  | { readonly kind: "unknown" };

/** What an error frame says, as a word that a program can compare. */
export type ErrorFrameCode =
  /** The frame isn't text; only JSON text is spoken here. */
  | "BINARY_REFUSED"
  /** The frame is longer than `maxMessageBytes`. */
  | "MESSAGE_TOO_LARGE"
  /** The text isn't JSON. */
  | "BAD_JSON"
  /** The JSON isn't `{ "type": string, "data"?: ... }`. */
  | "BAD_FRAME"
  /** No handler is registered for the event, and there is no `onMessage`. */
  | "UNKNOWN_EVENT"
  /** The contract's schema refused the payload; `message` names what is wrong with it. */
  | "PAYLOAD_REFUSED"
  /** The handler threw. What it threw stays on the server. */
  | "HANDLER_FAILED"
  /** What the handler changed could not be stored. */
  | "NOT_SAVED"
  /** More messages wait for their handler than the connection holds. */
  | "TOO_MANY_MESSAGES";

/** An error told to the client, in a frame type of its own, which clients that don't know it ignore. */
export interface ErrorFrame {
  readonly code: ErrorFrameCode;
  /** For developers; what it says may change, `code` doesn't. */
  readonly message: string;
  /** The event it is about, where one was named. */
  readonly event?: string;
}

/** Exactly what the platform answers without waking the object (`setWebSocketAutoResponse`). */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

/** The channel every event of ours travels on; Verani's clients expect the field. */
export const DEFAULT_CHANNEL = "default";

/** Default of `maxMessageBytes`: 1 MiB. */
export const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;

const EVENT_HEAD = '{"type":"event","channel":"default","data":{"type":';

/** Parses what a socket received. Never throws; `maxBytes` counts the frame's UTF-8 bytes. */
export function parseClientFrame(message: string | ArrayBuffer, maxBytes: number): ClientFrame {
  if (typeof message !== "string") {
    return refused("BINARY_REFUSED", "Binary frames are not understood; send JSON text.");
  }
  if (isLongerThan(message, maxBytes)) {
    return refused("MESSAGE_TOO_LARGE", `The message is longer than ${maxBytes} bytes.`);
  }
  let frame: unknown;
  try {
    frame = parseJson(message);
  } catch {
    return refused("BAD_JSON", "The message is not JSON.");
  }
  if (!isRecord(frame) || typeof frame["type"] !== "string") {
    return refused("BAD_FRAME", 'The message is not of the form {"type": "event", "data": ...}.');
  }
  const { type, data, channel } = frame;
  if (type === "ping") return { kind: "ping" };
  return {
    kind: "event",
    event: type,
    data,
    channel: typeof channel === "string" ? channel : DEFAULT_CHANNEL,
  };
}

/**
 * The frame that tells clients of an event, as text.
 *
 * A plain object's properties lie beside the event's name in `data`, where Verani's clients read them. What has no place there (a payload that
 * is no object, or one with a `type` of its own) travels in `payload`.
 *
 * @throws TypeError when the payload can't be JSON (a BigInt, a cycle).
 */
export function encodeEvent(event: string, payload: unknown): string {
  // A caller in another Worker may give anything; the frame is JSON even so.
  const name = JSON.stringify(String(event));
  // Stringified once and spliced: neither copied nor looked into, whatever its size.
  const json: string | undefined = JSON.stringify(payload);
  if (json === undefined || json === "{}") return `${EVENT_HEAD}${name}}}`;
  if (!json.startsWith("{")) return `${EVENT_HEAD}${name}},"payload":${json}}`;
  if (json.includes('"type":') && hasOwnType(json)) return `${EVENT_HEAD}${name}},"payload":${json}}`;
  return `${EVENT_HEAD}${name},${json.slice(1)}}`;
}

/** The frame that tells a client of an error, as text. */
export function encodeError(error: ErrorFrame): string {
  return JSON.stringify({ type: "error", ...error });
}

/** A client's frame, as text. */
export function encodeClientEvent(event: string, data: unknown): string {
  return JSON.stringify(data === undefined ? { type: event } : { type: event, data });
}

/** Parses what a client received. Never throws: a server newer than the client may say things it doesn't know. */
export function parseServerFrame(message: unknown): ServerFrame {
  let frame: unknown;
  try {
    frame = typeof message === "string" ? parseJson(message) : undefined;
  } catch {
    return { kind: "unknown" };
  }
  if (!isRecord(frame)) return { kind: "unknown" };
  if (frame["type"] === "pong") return { kind: "pong" };
  if (frame["type"] === "error" && typeof frame["code"] === "string") {
    const { code, message, event } = frame;
    const error = { code: code as ErrorFrameCode, message: typeof message === "string" ? message : "" };
    return { kind: "error", error: typeof event === "string" ? { ...error, event } : error };
  }
  const { data, channel } = frame;
  if (frame["type"] !== "event" || !isRecord(data) || typeof data["type"] !== "string")
    return { kind: "unknown" };
  const { type: event, ...rest } = data as { readonly type: string };
  return {
    kind: "event",
    event,
    payload: Object.hasOwn(frame, "payload") ? frame["payload"] : rest,
    channel: typeof channel === "string" ? channel : DEFAULT_CHANNEL,
  };
}

function refused(code: ErrorFrameCode, message: string): ClientFrame {
  return { kind: "refused", code, message };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function hasOwnType(json: string): boolean {
  const value: unknown = JSON.parse(json);
  return isRecord(value) && Object.hasOwn(value, "type");
}

const encoder = new TextEncoder();

/** Whether a text is longer than so many bytes of UTF-8. */
export function isLongerThan(text: string, maxBytes: number): boolean {
  // A UTF-16 unit is one to three bytes of UTF-8, so that only texts near the limit have to be encoded to know.
  if (text.length > maxBytes) return true;
  if (text.length * 3 <= maxBytes) return false;
  return encoder.encode(text).length > maxBytes;
}

// JSON.parse makes `__proto__` an own property, harmless until somebody merges the payload with `target[key] = value` and so sets
// target's prototype. No honest client sends it, so it is dropped. An escape may hide a letter of it.
function parseJson(text: string): unknown {
  if (!text.includes("__proto__") && !text.includes("\\u00")) return JSON.parse(text);
  return JSON.parse(text, (key, value: unknown) => (key === "__proto__" ? undefined : value));
}
