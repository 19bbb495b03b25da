// What the browser loads: the client, where the tests reach it.
import { type Client, createClient } from "@dormouse/do-runtime/client";
import { contract } from "./contract.ts";

export interface Page {
  readonly client: Client<typeof contract>;
  /** What came, in order: events, errors and changes of status. */
  readonly log: unknown[];
}

/** Opens a connection and notes all that comes. */
export function connect(url: string): Page {
  const log: unknown[] = [];
  const client = createClient(url, { events: contract, minReconnectDelayMs: 20, heartbeatMs: 200 });
  client.on("welcome", ({ count }) => log.push(["welcome", count]));
  client.on("message", ({ text, number }) => log.push(["message", text, number]));
  client.on("list", (numbers) => log.push(["list", ...numbers]));
  client.onError(({ code, event }) => log.push(["error", code, event]));
  client.onStatus((status) => log.push(["status", status]));
  return { client, log };
}

declare global {
  interface Window {
    connect: typeof connect;
    page: Page;
  }
}

window.connect = connect;
