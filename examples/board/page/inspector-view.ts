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

  /** A message changed something, for which the per-write model would have written this. */
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
    const { stats, wokeAt, flushes } = inspection;
    this.#meter.read({ wokeAt, written: stats, hasRecord: flushes.some(({ hasRecord }) => hasRecord) });
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
    const focused = this.#host.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>("[data-path], .i-flushes")
      : null;
    const keepPlace = this.#placeInWrites();
    this.#host.replaceChildren(fresh.content);
    if (focused) {
      const path = CSS.escape(focused.dataset["path"] ?? "");
      const summary = this.#host.querySelector<HTMLElement>(`[data-path="${path}"] > summary`);
      (summary ?? this.#writes)?.focus({ preventScroll: true });
    }
    keepPlace();
  }

  get #writes(): HTMLElement | null {
    return this.#host.querySelector<HTMLElement>(".i-flushes");
  }

  /** Where the list of writes is scrolled, the write that stands first in it goes back there; else new ones are seen. */
  #placeInWrites(): () => void {
    const list = this.#writes;
    if (list === null || list.scrollTop === 0) return () => {};
    const { offsetTop, scrollTop } = list;
    const writes = [...list.querySelectorAll<HTMLLIElement>(":scope > li")];
    const first = writes.find((write) => write.offsetTop + write.offsetHeight > offsetTop + scrollTop);
    const above = (first?.offsetTop ?? 0) - scrollTop;
    return () => {
      const again = this.#writes?.querySelector<HTMLLIElement>(`:scope > [value="${first?.value}"]`);
      if (again) again.parentElement?.scrollTo({ top: again.offsetTop - above });
    };
  }
}
