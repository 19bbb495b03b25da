// The inspector of an object: what it holds, what isn't stored yet, and what it wrote lately, for whom the guard lets in.
import { toRaw } from "@dormouse/reactive";
import { FlushLog } from "./inspect-flushes.ts";
import { inspectValue } from "./inspect-value.ts";
import type { Inspection } from "./inspection.ts";
import type { PersistedStore } from "./persisted.ts";
import type { Flush } from "./persister.ts";

/** Who may look: gets the request and the Worker's bindings. Whatever isn't `true` refuses, and so does throwing. */
export type InspectGuard<Env> = (request: Request, env: Env) => boolean | Promise<boolean>;

/** The object that is looked at. */
export interface InspectedObject {
  readonly name: string;
  readonly userId: string | undefined;
  readonly sockets: number;
  readonly room?: { readonly name: string; readonly members: number };
  readonly persistedKeys: readonly string[];
  readonly store: Pick<PersistedStore<object>, "state" | "stats" | "dirtyKeys" | "unsaved">;
}

/** What every answer carries: stored values are nobody's cache's business, and nobody's frame's. */
const HEADERS = {
  "Cache-Control": "no-store",
  Vary: "Accept",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** Storage may have had much to say. */
const MAX_MESSAGE_LENGTH = 500;

/** Answers inspections of one object. */
export class Inspector {
  readonly #flushes = new FlushLog();
  readonly #wokeAt = Date.now();

  /** Hears of every write, from the first one on. */
  readonly onFlush = (flush: Flush): void => {
    try {
      this.#flushes.add(flush);
    } catch (thrown) {
      // Who looks must not break what is looked at.
      console.error(thrown);
    }
  };

  /** Answers with JSON, or with a page to a browser; `isAllowed` asks the user's guard. */
  async answer(
    request: Request,
    isAllowed: () => boolean | Promise<boolean>,
    inspected: () => InspectedObject,
  ): Promise<Response> {
    if (!(await asksNicely(isAllowed))) return new Response("Forbidden", { status: 403, headers: HEADERS });
    if (request.method !== "GET") {
      return new Response("The inspector only answers GET.", {
        status: 405,
        headers: { ...HEADERS, Allow: "GET" },
      });
    }
    const inspection = this.#inspect(inspected());
    if (request.headers.get("Accept")?.includes("text/html") !== true) {
      return Response.json(inspection, { headers: HEADERS });
    }
    // Loaded when it is first looked at: nobody else has to parse it.
    const { inspectionPage } = await import("./inspect-page.ts");
    const { html, contentSecurityPolicy } = await inspectionPage(inspection);
    return new Response(html, {
      headers: {
        ...HEADERS,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": contentSecurityPolicy,
      },
    });
  }

  #inspect({ name, userId, sockets, room, persistedKeys, store }: InspectedObject): Inspection {
    return {
      name,
      userId: userId ?? null,
      sockets,
      room: room ?? null,
      wokeAt: this.#wokeAt,
      now: Date.now(),
      persistedKeys,
      dirtyKeys: store.dirtyKeys,
      unsaved: Array.from(store.unsaved, ([key, { code, message }]) => ({
        key,
        code,
        message: message.slice(0, MAX_MESSAGE_LENGTH),
      })),
      stats: { ...store.stats, bytes: this.#flushes.bytes },
      // Read raw: looking must not make proxies for all that is there.
      state: inspectValue(toRaw(store.state)),
      flushes: this.#flushes.newest,
    };
  }
}

async function asksNicely(isAllowed: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    // Any other value, as a promise that somebody forgot to await in a condition, is not a yes.
    return (await isAllowed()) === true;
  } catch (thrown) {
    console.error(thrown);
    return false;
  }
}
