// An inspection as HTML: the writes as a list, and the state as a tree. It runs in Workers and in browsers.
import { html, Markup } from "./inspect-markup.ts";
import { briefly, leafOf, pathText, shapeOf, typeOf } from "./inspect-shape.ts";
import type { Json } from "./inspect-value.ts";
import type { InspectedChange, InspectedFlush, Inspection } from "./inspection.ts";

/**
 * Renders an inspection as HTML, to be put into an element of its own together with `inspectionStyles`; whatever is stored in the object, it
 * comes out as text.
 *
 * Its headings are of `headingLevel`, 1 to 6; default: 3. `<details>` have a `data-path` each, and `data-opened` where they are rendered open: so
 * that what somebody opened or closed can be kept so at the next rendering. The list of writes, `.i-flushes`, scrolls: its items have the write's
 * number as `value`, by which it can be kept where it was.
 *
 * @example
 * const inspection = await (await fetch("/ws/inspect?userId=ann")).json();
 * panel.innerHTML = renderInspection(inspection);
 */
export function renderInspection(inspection: Inspection, headingLevel = 3): string {
  const heading = (text: string) => new Markup(`<h${headingLevel}>${text}</h${headingLevel}>`);
  return html`<section class="i-writes">${heading("Writes")}${renderFlushes(inspection)}</section>
    <section class="i-state">${heading("State")}${renderState(inspection)}</section>`.text;
}

// --- the state ---

interface Marks {
  /** Paths that the last write changed. */
  readonly written: ReadonlySet<string>;
}

/** How many of the keys that aren't stored are shown with the reason. */
const MAX_REASONS = 10;

function renderState({ state, persistedKeys, dirtyKeys, unsaved, flushes }: Inspection): Markup {
  const marks = { written: new Set(flushes[0]?.changes.map((change) => change.path)) };
  const shape = shapeOf(state);
  const entries = shape?.entries ?? [];
  const rows = entries.map(([name, , value]) => {
    const note = dirtyKeys.includes(name)
      ? "not stored yet"
      : persistedKeys.includes(name)
        ? ""
        : "memory only";
    return renderNode({ label: name, value, path: [name], among: entries.length, marks, note });
  });
  const dirty = dirtyKeys.length === 0 ? "Nothing is dirty" : `Dirty: ${dirtyKeys.join(", ")}`;
  const taken = flushes[0] === undefined ? "" : `; marked is what write ${flushes[0].number} took`;
  const reasons = unsaved
    .slice(0, MAX_REASONS)
    .map(({ key, message }) => html`<p class="i-facts">${key || '""'} is not stored: ${message}</p>`);
  return html`<p class="i-facts">${dirty + taken}.</p>
    ${reasons}
    <ul class="i-tree">
      ${rows}${renderMore(shape?.more ?? 0)}
    </ul>`;
}

const renderMore = (count: number): Markup =>
  count === 0 ? html`` : html`<li class="i-more">${count.toLocaleString("en")} more</li>`;

/** The longest list that is shown open by itself, and whose items are. */
const MAX_OPENED = 50;

interface TreeNode {
  readonly label: string;
  readonly value: Json;
  readonly path: readonly Json[];
  /** How many there are beside it, itself among them. */
  readonly among: number;
  readonly marks: Marks;
  readonly note?: string;
}

function renderNode({ label, value, path, among, marks, note = "" }: TreeNode): Markup {
  const at = pathText(path);
  const key = html`<span class="i-key">${label || '""'}</span>`;
  const remark = note === "" ? html`` : html` <em>${note}</em>`;
  const shape = shapeOf(value);
  if (shape === undefined) {
    const { kind, text } = leafOf(value);
    return html`<li class="${markOf(at, marks)}">${key} <span class="i-${kind}">${text}</span>${remark}</li>`;
  }
  const { entries, more } = shape;
  const type = typeOf(shape);
  if (entries.length === 0 && more === 0) {
    return html`<li class="${markOf(at, marks)}">${key} <span class="i-type">${type}</span>${remark}</li>`;
  }
  const below = entries.map(([label, step, inner]) =>
    renderNode({ label, value: inner, path: [...path, step], among: entries.length, marks }),
  );
  // Shown open are the first levels, but neither a long list nor what is in one, and the way to what the last write changed.
  const isBrief = path.length < 3 && Math.max(entries.length, among) <= MAX_OPENED;
  const isOpen = isBrief || [...marks.written].some((written) => isWithin(written, at));
  const open = new Markup(isOpen ? 'open data-opened=""' : "");
  return html`<li class="${markOf(at, marks)}">
    <details data-path="${at}" ${open}>
      <summary>${key} <span class="i-type">${type}</span>${remark}</summary>
      <ul>
        ${below}${renderMore(more)}
      </ul>
    </details>
  </li>`;
}

function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && ["", ".", "["].includes(path.charAt(outer.length));
}

function markOf(path: string, { written }: Marks): string {
  return written.has(path) ? "i-written" : "";
}

// --- the writes ---

function renderFlushes({ flushes, stats, wokeAt, now, sockets, room }: Inspection): Markup {
  const facts = [
    `${plural(stats.flushes, "write")}, ${plural(stats.rows, "row")}, ${plural(stats.bytes, "byte")}`,
    `awake for ${seconds(now - wokeAt)}`,
    room === null ? plural(sockets, "socket") : plural(room.members, "member"),
  ];
  if (stats.failures > 0) facts.push(`${plural(stats.failures, "failure")}`);
  const rows = flushes.map(renderFlush);
  const none =
    rows.length === 0 ? html`<p class="i-none">Nothing was written since the object woke.</p>` : html``;
  return html`<p class="i-facts">${facts.join(" · ")}</p>
    ${none}
    <ol class="i-flushes" tabindex="${rows.length === 0 ? -1 : 0}" aria-label="Latest writes">
      ${rows}
    </ol>`;
}

/** Changes of one write shown before it is opened. */
const SHOWN_CHANGES = 3;

function renderFlush(flush: InspectedFlush): Markup {
  const { number, at, rows, hasRecord, bytes, result, changes, moreChanges } = flush;
  const lines = changes.map((change) => html`<li>${describeChange(change)}</li>`);
  const hidden = lines.length + moreChanges - SHOWN_CHANGES;
  const rest =
    hidden <= 0
      ? html``
      : html`<details data-path="write ${number}">
          <summary>${hidden} more</summary>
          <ul>
            ${lines.slice(SHOWN_CHANGES)}${renderMore(moreChanges)}
          </ul>
        </details>`;
  const outcome = result === "stored" ? html`` : html` <em>${result}</em>`;
  const record = hasRecord ? html` <span class="i-more">one row is the record of the format</span>` : html``;
  const time = new Date(at).toISOString();
  return html`<li value="${number}">
    <p>
      <time datetime="${time}">${time.slice(11)}</time> <b>${plural(rows, "row")}</b>
      <b>${plural(bytes, "byte")}</b>${outcome}${record}
    </p>
    <ul>
      ${lines.slice(0, SHOWN_CHANGES)}
    </ul>
    ${rest}
  </li>`;
}

function describeChange({ path, op, value }: InspectedChange): string {
  switch (op) {
    case "set":
      return `${path} = ${briefly(value ?? null)}`;
    case "add":
      return `${path}.add(${briefly(value ?? null)})`;
    case "splice": {
      // As FlushLog describes a splice.
      const { index, remove, insert } = value as { index: number; remove: number; insert: Json };
      const items = (shapeOf(insert)?.entries ?? []).map(([, , item]) => `, ${briefly(item)}`);
      return `${path}.splice(${index}, ${remove}${items.join("")})`;
    }
    case "delete":
      return `delete ${path}`;
    case "clear":
      return `${path}.clear()`;
    case "assign":
      return `${path}, all of it`;
  }
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function seconds(milliseconds: number): string {
  const total = Math.round(milliseconds / 1000);
  return total < 120 ? `${total} s` : `${Math.round(total / 60)} min`;
}
