// Closing sockets with codes and reasons that may be sent.
import { MAX_CLOSE_REASON_BYTES } from "./limits.ts";

/** A close that the program asked for went well. */
export const CLOSE_NORMAL = 1000;
/** The client broke a limit. */
export const CLOSE_POLICY = 1008;
/** The server could not do what the connection needs. */
export const CLOSE_ERROR = 1011;

/** Closes the socket; one that is closed already is left alone. */
export function closeSocket(ws: WebSocket, code: number, reason: string): void {
  try {
    ws.close(isSendable(code) ? code : CLOSE_NORMAL, truncate(reason));
  } catch {
    // Closed before, by the other side: there is nobody to tell.
  }
}

/** RFC 6455, 7.4: 1005, 1006 and 1015 only describe what happened, and never travel. */
function isSendable(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
    (code >= 3000 && code <= 4999)
  );
}

function truncate(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= MAX_CLOSE_REASON_BYTES) return reason;
  // Half a character at the cut decodes to nothing in stream mode, where it could still be completed.
  return new TextDecoder().decode(bytes.subarray(0, MAX_CLOSE_REASON_BYTES), { stream: true });
}
