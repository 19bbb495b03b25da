// What is answered to requests that don't become a socket.
import { ConnectionError } from "./connection-error.ts";
import { toError } from "./errors.ts";

/** Refuses what is no upgrade to this path; undefined for one that is. */
export function refuseRequest(request: Request, websocketPath: string): Response | undefined {
  const { pathname } = new URL(request.url);
  if (pathname !== websocketPath) {
    return new Response(`The WebSocket endpoint is ${websocketPath}, not ${pathname}.`, { status: 404 });
  }
  if (request.method !== "GET" || request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    return new Response(`This endpoint only accepts WebSocket connections at ${websocketPath}.`, {
      status: 426,
      headers: { Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  return undefined;
}

/** The answer to what was thrown while a socket was about to be accepted. */
export function refusal(thrown: unknown): Response {
  if (thrown instanceof Response) return thrown;
  const error = toError(thrown);
  // The client learns that it is refused; why is for the developer.
  console.error(error);
  if (!(error instanceof ConnectionError)) return new Response("Unauthorized", { status: 401 });
  if (error.code === "ATTACHMENT_TOO_LARGE")
    return new Response("The connection's metadata is too large.", { status: 431 });
  // As a rule what a client said, which extractMeta passed on.
  const isName = error.code === "INVALID_NAME";
  return new Response("The connection could not be set up.", { status: isName ? 400 : 500 });
}
