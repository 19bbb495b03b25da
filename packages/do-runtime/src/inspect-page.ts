// The inspection as a page of its own, complete without any other request.
import { html, Markup } from "./inspect-markup.ts";
import { renderInspection } from "./inspect-view.ts";
import type { Inspection } from "./inspection.ts";

/**
 * The styles of what `renderInspection` returns. Colours and fonts come from custom properties where the page sets them: `--ink`, `--faint`, `--line`,
 * `--accent`, `--mono`.
 */
export const inspectionStyles = `
.i-tree,.i-tree ul,.i-flushes,.i-flushes ul{list-style:none;margin:0;padding:0}
.i-tree,.i-flushes{font:.75rem/1.6 var(--mono,ui-monospace,monospace);overflow-wrap:anywhere}
.i-tree ul{padding-left:1.1em;border-left:1px solid var(--line,#8884)}
.i-tree span{unicode-bidi:isolate}
.i-tree summary{cursor:pointer}
.i-tree li:not(:has(>details)){padding-left:1.05em}
.i-type,.i-null,.i-more,.i-facts,.i-none,.i-flushes time,.i-tree em{color:var(--faint,#777)}
.i-key::after{content:":";color:var(--faint,#777)}
.i-date{font-style:italic}
.i-written{box-shadow:inset 2px 0 var(--accent,#a4511f)}
.i-written>.i-key,.i-written>details>summary>.i-key{color:var(--accent,#a4511f);font-weight:600}
.i-state em,.i-flushes em{font-style:normal;color:var(--accent,#a4511f)}
.i-facts,.i-none{font-size:.8125rem;margin:0 0 .5rem}
.i-flushes{max-height:17rem;overflow-y:auto}
.i-flushes>li{padding:.4rem 0;border-top:1px solid var(--line,#8884)}
.i-flushes p{margin:0;display:flex;flex-wrap:wrap;gap:0 .9em;font-variant-numeric:tabular-nums}
.i-flushes b{font-weight:600}
.i-flushes summary{cursor:pointer;color:var(--faint,#777)}
`;

const PAGE_STYLES = `
:root{color-scheme:light dark;--ink:light-dark(#2a2521,#e9e4dd);--faint:light-dark(#6f665e,#a0968c);--line:light-dark(#e2dbd2,#38322d);--accent:light-dark(#9a4a1c,#e7a06a)}
body{accent-color:var(--accent);margin:0 auto;max-width:60rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:light-dark(#fbf9f6,#191614)}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:baseline}
h1{font-size:1.25rem;margin:0}
h2{font-size:.875rem;margin:1.5rem 0 .5rem}
button{font:inherit;color:inherit;background:none;border:1px solid var(--line);border-radius:.4rem;padding:.2rem .7rem}
`;

// What somebody opened or closed stays so, as do the focus and the write that is looked at; where nothing is scrolled, new writes are seen. Live costs a request every two seconds and keeps the object awake, so it has to be asked for.
const SCRIPT = `
const shown = document.getElementById("inspection"), said = document.getElementById("said"), live = document.getElementById("live");
async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error("the object answers " + answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("inspection");
    const before = new Map([...shown.querySelectorAll("details")].map((it) => [it.dataset.path, it]));
    for (const details of fresh.querySelectorAll("details")) {
      const old = before.get(details.dataset.path);
      if (old && old.open !== "opened" in old.dataset) details.open = old.open;
    }
    const list = () => shown.querySelector(".i-flushes");
    const inSight = list().scrollTop > 0 && [...list().children].find((write) => write.offsetTop + write.offsetHeight > list().offsetTop + list().scrollTop);
    const offset = inSight && inSight.offsetTop - list().scrollTop;
    const focused = shown.contains(document.activeElement) && document.activeElement.closest("[data-path], .i-flushes");
    shown.replaceChildren(...fresh.childNodes);
    if (focused) (shown.querySelector('[data-path="' + CSS.escape(focused.dataset.path ?? "") + '"] > summary') || list()).focus({ preventScroll: true });
    const again = inSight && list().querySelector(':scope > [value="' + inSight.value + '"]');
    if (again) list().scrollTop = again.offsetTop - offset;
    said.textContent = "";
  } catch (error) {
    said.textContent = String(error.message);
  }
}
document.getElementById("refresh").onclick = refresh;
setInterval(() => { if (live.checked && !document.hidden) refresh(); }, 2000);
`;

/** The page, and the policy under which nothing runs that isn't part of it, and nothing is loaded but itself. */
export async function inspectionPage(
  inspection: Inspection,
): Promise<{ html: string; contentSecurityPolicy: string }> {
  const { name, userId, room } = inspection;
  const title = room === null ? `${name}${userId === null ? "" : ` of ${userId}`}` : `${name} ${room.name}`;
  const styles = PAGE_STYLES + inspectionStyles;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${new Markup(`<style>${styles}</style>`)}
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <button id="refresh" type="button">Refresh</button
          ><label><input id="live" type="checkbox" /> every 2 s</label><span id="said" role="status"></span>
        </header>
        <main id="inspection">${new Markup(renderInspection(inspection, 2))}</main>
        ${new Markup(`<script type="module">${SCRIPT}</script>`)}
      </body>
    </html>`;
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src '${await hashOf(SCRIPT)}'`,
    `style-src '${await hashOf(styles)}'`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html: page.text, contentSecurityPolicy };
}

/** By its hash a text is allowed wherever it stands, in a page parsed for a refresh too, which a nonce of another answer wouldn't be. */
async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
