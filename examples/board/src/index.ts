// The Worker in front: sends a tab's requests to the board it names. The page itself is a static asset.
import { Board, boardOf } from "./board.ts";

export { Board };

export default {
  async fetch(request) {
    const url = new URL(request.url);
    // Another site's page, open in the same browser, has no business here.
    const origin = request.headers.get("Origin");
    if (origin !== null && origin !== url.origin) return new Response("Another origin", { status: 403 });

    const board = Board.get(boardOf(url));
    switch (url.pathname) {
      case "/ws":
      case "/ws/inspect":
        return board.fetch(request);
      case "/crash":
        if (request.method !== "POST") return new Response("Send a POST", { status: 405 });
        // The object answers by dying.
        return board.fetch(request).catch(() => new Response("Crashed", { status: 202 }));
      default:
        return new Response("Not found", { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
