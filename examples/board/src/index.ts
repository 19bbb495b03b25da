// The Worker in front: sends a tab's requests to the board it names. The page itself is a static asset.
import { Board } from "./board.ts";

export { Board };

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const board = env.Board.getByName(url.searchParams.get("board") ?? "demo");
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
