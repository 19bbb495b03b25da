import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { heading, list, text, type Block } from "../../../bench/reporting/document.ts";
import { renderHtml } from "../../../bench/reporting/html.ts";
import {
  reactiveLosses,
  restoreLosses,
  socketLosses,
  writesLosses,
} from "../../../bench/reporting/losses.ts";
import { renderMarkdown } from "../../../bench/reporting/markdown.ts";
import { READMES, withMeasured } from "../../../bench/reporting/readme.ts";
import { publishedResults } from "../../../bench/reporting/results.ts";
import { usdPerMillionMessages } from "../../../bench/prices.ts";
import { Results, type CellSummary } from "../../../bench/reactive/table.ts";
import type { WritesCell } from "../../../bench/writes/cell.ts";

const blocks: readonly Block[] = [
  heading(2, "Rows & bytes"),
  text("less than `a < b`, see [the method](README.md)"),
  list(["one", "two"]),
  { kind: "table", caption: "Counts", header: ["work", "ours"], rows: [["a|b", "1"]], ours: [1] },
  { kind: "chart", name: "rows", title: "Rows", svg: '<svg class="chart"></svg>' },
];

describe("the report's two forms", () => {
  it("is a page that loads nothing", () => {
    const html = renderHtml("Report", blocks);

    expect(html).toContain('<h2 id="rows-bytes">Rows &amp; bytes</h2>');
    expect(html).toContain('<code>a &lt; b</code>, see <a href="README.md">the method</a>');
    expect(html).toContain('<td class="ours">1</td>');
    expect(html).toContain('<svg class="chart"></svg>');
    expect(html).not.toMatch(/<script|<link|@import|src=/);
  });

  it("is Markdown with the charts beside it", () => {
    const markdown = renderMarkdown("Report", blocks);

    expect(markdown).toContain("## Rows & bytes");
    expect(markdown).toContain("| work | ours |\n| --- | ---: |\n| a\\|b | **1** |");
    expect(markdown).toContain("![Rows](charts/rows.svg)");
  });
});

it.each(READMES)("$page quotes the published results (else: npm run bench:report)", ({ page, measured }) => {
  const markdown = readFileSync(page, "utf8");

  expect(withMeasured(markdown, measured(publishedResults()))).toBe(markdown);
});

function cell(engine: string, work: string, value: number): CellSummary {
  return { engine, work, value, min: value, max: value, processes: 1, disturbed: 0, missing: undefined };
}

describe("what is said of the engine", () => {
  const results = new Results([
    cell("dormouse", "read-path", 100),
    cell("bare-proxy", "read-path", 80),
    cell("mobx", "read-path", 90),
    cell("vue", "read-path", 300),
    cell("valtio", "read-path", 10),
  ]);

  it("compares with the best engine that tracks, not with one that does not", () => {
    expect(results.bestPeer("read-path")).toEqual({ engine: "mobx", value: 90 });
    expect(results.lost().map(({ work, engine }) => [work, engine])).toEqual([["read-path", "mobx"]]);
  });

  it("tells targets met, missed and not measured apart", () => {
    const verdicts = results
      .verdicts()
      .map(({ target, reference, verdict }) => [target.work, reference, verdict]);

    expect(verdicts).toContainEqual(["read-path", "bare-proxy", "missed"]);
    expect(verdicts).toContainEqual(["read-path", "best peer (mobx)", "missed"]);
    expect(verdicts).toContainEqual(["create", "bare-proxy", "not measured"]);
  });

  it("lists every row and every target that is lost", () => {
    const lines = reactiveLosses(results);

    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("`read-path`: mobx is ahead, 1.11 ×");
  });

  it("says where the one signal that hand-written code may do with is ahead, though that is no target", () => {
    const [line, more] = reactiveLosses(
      new Results([cell("dormouse", "write-1-effect", 300), cell("signals-by-hand", "write-1-effect", 40)]),
    );

    expect(line).toContain(
      "`write-1-effect`: one signal for the leaf alone, written by hand, is ahead, 7.50 ×.",
    );
    expect(more).toBeUndefined();
  });
});

const writes = (store: string, rows: number): WritesCell => ({
  store,
  workload: "profile",
  counts: {
    turns: 20,
    steps: 40,
    puts: 20,
    rows,
    bytes: 100,
    deletes: 0,
    changedBytes: 80,
    first: { puts: 1, rows: 1, bytes: 5 },
  },
  restored: true,
  turnMicroseconds: 10,
  error: undefined,
});

const restored = (way: "keys" | "by-hand", ms: number) => ({
  shape: { keys: 1, bytes: 1_000, flushes: 0 },
  way,
  reads: 1,
  ms,
  error: undefined,
});

const row = (object: string, messagesPerSecond: number, p50Ms: number) => ({
  object,
  title: object,
  messagesPerSecond,
  undisturbed: messagesPerSecond,
  rounds: [messagesPerSecond],
  p50Ms,
  p99Ms: p50Ms,
  messages: 1_000,
  rowsUnderLoad: 1,
  rowsOneAtATime: 1,
});

describe("what is said of writes and sockets", () => {
  it("lists a workload in which hand-written code takes fewer rows", () => {
    expect(writesLosses([writes("dormouse-log", 21), writes("by-hand", 20)])[0]).toContain("`profile` 1.1 ×");
    expect(writesLosses([writes("dormouse-log", 20), writes("by-hand", 20)])).toEqual([
      "Nothing else is ahead.",
    ]);
  });

  it("lists the states that are restored more slowly, with both times", () => {
    const [line] = restoreLosses([restored("keys", 0.5), restored("by-hand", 0.2)], () => "1 key");

    expect(line).toBe("keys against by-hand, in 1 of 1 states: 1 key (0.50 ms, 0.20).");
    expect(restoreLosses([restored("keys", 0.2), restored("by-hand", 0.2)], () => "1 key")).toEqual([
      "Nothing else is ahead.",
    ]);
  });

  it("lists fewer messages a second and a longer wait", () => {
    const lines = socketLosses([row("ByHand", 4_000, 0.3), row("DormouseTurn", 3_000, 0.4)]);

    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("0.75 ×");
    expect(lines[1]).toContain("p50 0.400 ms");
  });

  it("prices rows and requests", () => {
    expect(usdPerMillionMessages(2)).toBeCloseTo(2.0075);
  });
});
