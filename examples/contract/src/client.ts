import { createClient } from "@dormouse/do-runtime/client";
import { events } from "./events.ts";

/** Opens a guest's book; `show` gets each line to be shown. Returns what signs it. */
export function openBook(url: string, show: (line: string) => void) {
  const client = createClient(url, { events });

  client.on("signed", ({ by, text, number }) => show(`${number}. ${by}: ${text}`));
  client.onError(({ message }) => show(`not signed: ${message}`));
  client.onStatus((status) => show(`(${status})`));

  return {
    // "sent", or "queued" until there is a connection again.
    sign: (text: string) => client.emit("sign", { text }),
    close: () => client.close(),
  };
}
