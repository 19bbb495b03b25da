import { reactive, trackDirty } from "@dormouse/reactive";
import { describe, expect, it } from "vitest";
import { FlushLog } from "../../../packages/do-runtime/src/inspect-flushes.ts";
import { inspectValue, type Json } from "../../../packages/do-runtime/src/inspect-value.ts";
import { inspectionPage } from "../../../packages/do-runtime/src/inspect-page.ts";
import { renderInspection } from "../../../packages/do-runtime/src/inspect-view.ts";
import type { InspectedChange, Inspection } from "../../../packages/do-runtime/src/inspection.ts";
import type { Flush } from "../../../packages/do-runtime/src/persister.ts";

function inspectionOf(state: Json, more: Partial<Inspection> = {}): Inspection {
  return {
    name: "Board",
    userId: "demo",
    sockets: 2,
    room: null,
    wokeAt: 0,
    now: 5000,
    persistedKeys: Object.keys(state ?? {}),
    dirtyKeys: [],
    unsaved: [],
    stats: { flushes: 1, puts: 1, keys: 1, rows: 1, failures: 0, bytes: 1234 },
    state,
    flushes: [],
    ...more,
  };
}

const nasty = `</script><script>alert("x")</script><img src=x onerror='alert(1)'>&amp;`;

/** Has the log hear of a change; answers what is there then. */
function reactiveFlush<State extends object>(
  log: FlushLog,
  initial: State,
  change: (state: State) => void,
): { state: Json } {
  const state = reactive(initial);
  const tracker = trackDirty(initial);
  change(state);
  log.add({
    changes: tracker.take() as Flush["changes"],
    puts: new Map(),
    deletes: new Set(),
    bytes: () => 0,
    stored: Promise.resolve(true),
  });
  return { state: inspectValue(initial) };
}

/** Markup characters outside of the tags that the view itself writes. */
const textOf = (html: string) => html.replace(/<\/?[a-z][^<>]*>/g, "");

describe("the view", () => {
  it("[I4] writes whatever is stored as text: values, keys, paths, names", async () => {
    const state = inspectValue({
      [nasty]: nasty,
      map: new Map([[nasty, new Set([nasty])]]),
      error: new Error(nasty),
    });
    const change = { path: nasty, op: "set", value: nasty } as const;
    const flush = {
      number: 1,
      at: 0,
      rows: 1,
      hasRecord: false,
      bytes: 1,
      result: "stored",
      changes: [change],
      moreChanges: 0,
    } as const;

    const inspection = inspectionOf(state, { name: nasty, userId: nasty, flushes: [flush] });
    const body = renderInspection(inspection);
    const page = (await inspectionPage(inspection)).html;

    expect(body).not.toMatch(/<(?:script|img)/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain("<img");
    expect(textOf(body)).not.toMatch(/[<>"']/);
  });

  it("names what has an empty name", () => {
    expect(renderInspection(inspectionOf({ "": 1 }))).toContain('<span class="i-key">&quot;&quot;</span>');
  });

  it("has no list to stop at with the keyboard before something was written", () => {
    expect(renderInspection(inspectionOf({}))).not.toContain('tabindex="0"');
  });

  it("[I3] tells a write's changes as one would write them in a program", () => {
    const changes: InspectedChange[] = [
      { path: "a.b", op: "set", value: { $Date: "2026-10-18T00:00:00.000Z" } },
      { path: "a.list", op: "splice", value: { index: 1, remove: 2, insert: ["x", { $Set: [1] }] } },
      { path: "a.tags", op: "add", value: "urgent" },
      { path: "a.gone", op: "delete" },
      { path: "a.map", op: "clear" },
      { path: "log", op: "assign" },
    ];
    const flush = {
      number: 1,
      at: 0,
      rows: 2,
      hasRecord: true,
      bytes: 1,
      result: "failed",
      changes,
      moreChanges: 5,
    } as const;

    const body = renderInspection(inspectionOf({}, { flushes: [flush] }));

    const lines = [...body.matchAll(/<li>([^<]*)<\/li>/g)].map(([, line]) => line?.replaceAll("&quot;", '"'));
    expect(lines).toEqual([
      "a.b = 2026-10-18T00:00:00.000Z",
      'a.list.splice(1, 2, "x", Set { 1 })',
      'a.tags.add("urgent")',
      "delete a.gone",
      "a.map.clear()",
      "log, all of it",
    ]);
    expect(body).toContain("8 more");
    expect(body).toContain("<em>failed</em>");
    expect(body).toContain("one row is the record of the format");
  });

  it("[I3] marks what isn't stored yet, what never is, and what the latest write changed", () => {
    const state = { board: { cards: [{ done: true }] }, log: [], here: 2 };
    const flush = {
      number: 1,
      at: 0,
      rows: 1,
      hasRecord: false,
      bytes: 20,
      result: "stored",
      changes: [{ path: "board.cards[0].done", op: "set", value: true }],
      moreChanges: 0,
    } as const;

    const body = renderInspection(
      inspectionOf(state, { persistedKeys: ["board", "log"], dirtyKeys: ["log"], flushes: [flush] }),
    );

    expect(body).not.toContain("the record of the format");
    expect(body).toContain("Dirty: log; marked is what write 1 took.");
    expect(body).toMatch(/log<\/span>.*?not stored yet/);
    expect(body).toMatch(/here<\/span>.*?memory only/);
    expect(body).toContain('<li class="i-written"><span class="i-key">done</span>');
    expect(body).toContain("board.cards[0].done = true");
    expect(renderInspection(inspectionOf(state, { flushes: [flush] }))).toContain(
      "Nothing is dirty; marked is what write 1 took.",
    );
    expect(renderInspection(inspectionOf(state))).toContain(">Nothing is dirty.<");
  });

  it("[I3] says why a key isn't stored", () => {
    const unsaved = [{ key: "log", code: "STORAGE_FAILED", message: "the <disk> is full" } as const];

    const body = renderInspection(inspectionOf({ log: [] }, { dirtyKeys: ["log"], unsaved }));

    expect(body).toContain("log is not stored: the &lt;disk&gt; is full");
  });

  it("[I4] opens no long list by itself, and says how many keys there are beyond those it shows", () => {
    const keys = Array.from({ length: 9999 }, (_, index) => [`key ${index}`, index]);
    const cut = inspectValue(Object.fromEntries(keys));
    const body = renderInspection(inspectionOf({ few: [1], many: Array.from({ length: 99 }, () => [1]) }));

    expect(body).toMatch(/data-path="few" open/);
    expect(body).toMatch(/data-path="many" >/);
    expect(body).toMatch(/data-path="many\[0\]" >/);
    const long = Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`key${index}`, [index]]));
    expect(renderInspection(inspectionOf(long))).not.toContain(" open ");
    expect(renderInspection(inspectionOf(cut))).toMatch(/<li class="i-more">5,000 more<\/li>\s*<\/ul>/);
    expect(renderInspection(inspectionOf(inspectValue({ all: Array(12_345) })))).toContain(">array 12,345<");
  });

  it("[I4] is of bounded size, however long the names on the way are", () => {
    let value: unknown = Array.from({ length: 2400 }, () => [1]);
    for (let level = 0; level < 36; level++) value = { ["a".repeat(1000)]: value };
    const log = new FlushLog();
    const { state } = reactiveFlush(log, { n: value as object }, (draft) => {
      (draft.n as Record<string, unknown>)["b".repeat(500_000)] = 1;
    });

    expect(JSON.stringify(log.newest).length).toBeLessThan(1000);
    expect(renderInspection(inspectionOf(state, { flushes: log.newest })).length).toBeLessThan(15_000_000);
  });

  it.each([1, "a", "two words", 1n, Number.NaN, -0, null, undefined, true])(
    "[I3] marks what was written under a Map's key %o",
    (key) => {
      const log = new FlushLog();
      const { state } = reactiveFlush(log, { m: new Map([[key, { d: 1 }]]) }, (draft) => {
        const entry = draft.m.get(key);
        if (entry !== undefined) entry.d = 2;
      });

      expect(renderInspection(inspectionOf(state, { flushes: log.newest }))).toContain(
        '<li class="i-written"><span class="i-key">d</span>',
      );
    },
  );
});
