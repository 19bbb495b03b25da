// The inspector beside the board: what the object itself serves to those it lets in, kept up to date without asking for nothing.
import { inspectionStyles, renderInspection, type Inspection } from "@dormouse/do-runtime/inspector";
import type { Written } from "../shared/per-write.ts";
import { drawMeter, Meter } from "./meter.ts";

export class InspectorView {
  readonly #meter = new Meter();
  readonly #url: string;
  readonly #meterHost: HTMLElement;
  readonly #host: HTMLElement;
  #isAsking = false;
  #isStale = false;

  constructor(url: string, hosts: { meter: HTMLElement; inspection: HTMLElement }) {
    this.#url = url;
    this.#meterHost = hosts.meter;
    this.#host = hosts.inspection;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(inspectionStyles);
    document.adoptedStyleSheets.push(sheet);
    drawMeter(this.#meterHost, this.#meter);
  }

  /** Something changed, for which the per-write model would have written this. */
  add(perWrite: Written): void {
    this.#meter.add(perWrite);
  }

  /** Asks the object anew; while an answer is awaited, once more after it. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await this.#ask();
      } catch {
        // The object has just crashed, or the network is gone: the link's next opening asks again.
      }
    }
    this.#isAsking = false;
  }

  async #ask(): Promise<void> {
    const response = await fetch(this.#url, { headers: { Accept: "application/json" } });
    if (!response.ok) {
      this.#host.textContent =
        response.status === 403
          ? "The object lets nobody inspect it from here."
          : `The object answers ${response.status}.`;
      return;
    }
    const inspection: Inspection = await response.json();
    const { stats, wokeAt } = inspection;
    this.#meter.read({ wokeAt, written: stats });
    drawMeter(this.#meterHost, this.#meter);
    this.#show(renderInspection(inspection));
  }

  /** Puts the new rendering in place of the old; what somebody opened or closed stays so, and the focus where it was. */
  #show(markup: string): void {
    const fresh = document.createElement("template");
    fresh.innerHTML = markup;
    const before = new Map([...this.#host.querySelectorAll("details")].map((it) => [it.dataset["path"], it]));
    for (const details of fresh.content.querySelectorAll("details")) {
      const old = before.get(details.dataset["path"]);
      if (old !== undefined && old.open !== "opened" in old.dataset) details.open = old.open;
    }
    const focused = document.activeElement?.closest("details")?.dataset["path"];
    const hadFocus = this.#host.contains(document.activeElement);
    this.#host.replaceChildren(fresh.content);
    if (!hadFocus || focused === undefined) return;
    this.#host.querySelector<HTMLElement>(`details[data-path="${CSS.escape(focused)}"] > summary`)?.focus();
  }
}
