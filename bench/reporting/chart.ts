// The charts: Observable Plot, rendered to SVG when the report is made. Colours are CSS variables, so that one file serves light
// and dark, on the page and as a picture of its own.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escape } from "./escape.ts";

export interface Series {
  readonly key: string;
  readonly label: string;
  readonly color: keyof typeof PALETTE;
  readonly symbol?: string;
}

/** One value of one series in one row of a chart. */
export interface Point {
  readonly row: string;
  readonly series: string;
  readonly value: number;
}

/** Light and dark. */
const PALETTE = {
  ink: ["#1f2933", "#dfe5ec"],
  ours: ["#0b5fd0", "#6db3ff"],
  ours2: ["#0a8f8f", "#48d1cc"],
  hand: ["#5b6673", "#a9b4c0"],
  red: ["#cc3333", "#ff7b72"],
  orange: ["#c66a00", "#f0a04b"],
  purple: ["#7b3fc4", "#c297ff"],
  green: ["#2e7d32", "#7ccf83"],
  brown: ["#8d6e63", "#c7a79c"],
  pink: ["#c2407f", "#ff8cc2"],
} as const;

const WIDTH = 460;
const FONT_SIZE = 12;
const LEGEND_LINE = 18;
const DODGE = 2;

function variables(which: 0 | 1): string {
  return Object.entries(PALETTE)
    .map(([name, colors]) => `--${name}:${colors[which]}`)
    .join(";");
}

/** What every chart needs to be drawn in the right colours. */
const CHART_STYLE = `.chart{${variables(0)};color:var(--ink)}@media (prefers-color-scheme:dark){.chart{${variables(1)}}}`;

const color = (series: Series) => `var(--${series.color})`;
const symbolOf = (series: Series) => series.symbol ?? "circle";

interface DotChart {
  readonly title: string;
  readonly axis: string;
  readonly series: readonly Series[];
  readonly points: readonly Point[];
  /** A line to compare with. */
  readonly reference?: number;
}

/** One row a subject, one dot a series, on a logarithmic axis; a value of zero stands at the left edge. */
export function dotChart({ title, axis, series, points, reference }: DotChart): string {
  const rows = [...new Set(points.map((point) => point.row))];
  const positive = points.map((point) => point.value).filter((value) => value > 0);
  const least = Math.min(...positive, reference ?? Number.POSITIVE_INFINITY);
  const edge = points.some((point) => point.value <= 0) ? least / 3 : least;
  const shown = points.map(({ row, series: key, value }) => ({ row, key, value: value > 0 ? value : edge }));
  const svg = Plot.plot({
    ...frame(rows, rows.length * 24 + 60, series),
    x: {
      type: "log",
      label: axis,
      grid: true,
      tickFormat: shortNumber,
      domain: [edge * 0.8, Math.max(...positive) * 1.2],
      ticks: 5,
    },
    y: { domain: rows, label: null, tickSize: 0 },
    marks: [
      Plot.ruleY(rows, { y: (row: string) => row, stroke: "currentColor", strokeOpacity: 0.12 }),
      ...(reference === undefined
        ? []
        : [Plot.ruleX([reference], { stroke: "currentColor", strokeDasharray: "3,3" })]),
      ...series.toReversed().map((one) =>
        // A little apart, so that equal values don't hide each other.
        Plot.dot(
          shown.filter((point) => point.key === one.key),
          {
            x: "value",
            y: "row",
            stroke: color(one),
            fill: color(one),
            fillOpacity: 0.75,
            symbol: symbolOf(one),
            r: 4,
            dy: (series.indexOf(one) - (series.length - 1) / 2) * DODGE,
          },
        ),
      ),
    ],
  });
  return finish(svg, title, series);
}

/** A line for each series over a few numbered steps, on a logarithmic axis. */
export function lineChart(options: {
  readonly title: string;
  readonly steps: string;
  readonly series: readonly Series[];
  readonly points: readonly Point[];
}): string {
  const { title, steps, series, points } = options;
  const numbered = points.map(({ row, series: key, value }) => ({ step: Number(row), key, value }));
  const svg = Plot.plot({
    ...frame([], 320, series),
    marginLeft: 52,
    x: { label: steps, ticks: 5, tickFormat: String },
    y: { type: "log", label: null, grid: true, tickFormat: shortNumber, ticks: 5 },
    marks: series.toReversed().flatMap((one) => {
      const own = numbered.filter((point) => point.key === one.key);
      return [
        Plot.line(own, {
          x: "step",
          y: "value",
          stroke: color(one),
          strokeWidth: one.color.startsWith("ours") ? 2.5 : 1.5,
        }),
        Plot.dot(own, {
          x: "step",
          y: "value",
          stroke: color(one),
          fill: color(one),
          symbol: symbolOf(one),
          r: 3.5,
        }),
      ];
    }),
  });
  return finish(svg, title, series);
}

/** One bar a row, with its value at the end. */
export function barChart(options: {
  readonly title: string;
  readonly axis: string;
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly color: keyof typeof PALETTE;
  }[];
  readonly format: (value: number) => string;
}): string {
  const { title, axis, bars, format } = options;
  const svg = Plot.plot({
    ...frame(
      bars.map((bar) => bar.label),
      bars.length * 26 + 60,
      [],
    ),
    marginRight: 56,
    x: { label: axis, grid: true, tickFormat: shortNumber, ticks: 4 },
    y: { domain: bars.map((bar) => bar.label), label: null, tickSize: 0 },
    marks: [
      Plot.barX(bars, {
        x: "value",
        y: "label",
        fill: (bar: { color: string }) => `var(--${bar.color})`,
        insetTop: 3,
        insetBottom: 3,
      }),
      Plot.text(bars, {
        x: "value",
        y: "label",
        text: (bar: { value: number }) => format(bar.value),
        textAnchor: "start",
        dx: 5,
        fill: "currentColor",
      }),
      Plot.ruleX([0], { stroke: "currentColor" }),
    ],
  });
  return finish(svg, title, []);
}

function frame(rows: readonly string[], height: number, series: readonly Series[]): Plot.PlotOptions {
  const longest = Math.max(0, ...rows.map((row) => row.length));
  const legend = legendLines(series) * LEGEND_LINE;
  return {
    document: parseHTML("<html><body></body></html>").document,
    width: WIDTH,
    height: height + legend,
    marginLeft: Math.min(210, longest * 6.4 + 14),
    marginRight: 16,
    marginTop: 14 + legend,
    marginBottom: 40,
    color: { type: "identity" },
    style: { fontSize: `${FONT_SIZE}px`, background: "transparent" },
  };
}

/** Where each entry of the legend stands, in lines that fit the width. */
function legendEntries(series: readonly Series[]): { series: Series; x: number; line: number }[] {
  let x = 6;
  let line = 0;
  return series.map((one) => {
    const width = 26 + one.label.length * 6.7;
    if (x + width > WIDTH && x > 6) {
      x = 6;
      line++;
    }
    const entry = { series: one, x, line };
    x += width;
    return entry;
  });
}

function legendLines(series: readonly Series[]): number {
  return (legendEntries(series).at(-1)?.line ?? -1) + 1;
}

const LEGEND_SHAPES: Readonly<Record<string, string>> = {
  circle: '<circle r="4"/>',
  square: '<rect x="-3.6" y="-3.6" width="7.2" height="7.2"/>',
  diamond: '<path d="M0,-5L5,0L0,5L-5,0Z"/>',
  triangle: '<path d="M0,-5L4.6,3.6L-4.6,3.6Z"/>',
};

/** A file of its own: namespace, title for those who can't see it, colours, legend. */
function finish(element: { outerHTML: string }, title: string, series: readonly Series[]): string {
  const legend = legendEntries(series)
    .map(({ series: one, x, line }) => {
      const shape = LEGEND_SHAPES[symbolOf(one)] ?? LEGEND_SHAPES["circle"] ?? "";
      return `<g transform="translate(${x + 6},${line * LEGEND_LINE + 10})"><g fill="${color(one)}">${shape}</g><text x="9" y="4" text-anchor="start">${escape(one.label)}</text></g>`;
    })
    .join("");
  return (
    element.outerHTML
      .replace(
        /<style>[^<]*<\/style>/,
        `<title>${escape(title)}</title><style>${CHART_STYLE}</style>${legend}`,
      )
      .replace(/class="[^"]*"/, 'class="chart" role="img" xmlns="http://www.w3.org/2000/svg"')
      .replace(/ (?:xmlns:xlink="[^"]*")/, "")
      // Plot names its groups ("rule", "dot"), which nothing reads out in a picture.
      .replaceAll(/ aria-label="[^"]*"/g, "")
  );
}

/** 1200 as 1.2k. */
function shortNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e3) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}
