import { rateRatio } from "../../end-to-end/row.ts";
import { short } from "../../harness/text.ts";
import { PRICES, usdPerMillionMessages } from "../../prices.ts";
import { barChart } from "../chart.ts";
import { heading, list, text, type Block } from "../document.ts";
import { socketLosses } from "../losses.ts";
import type { AllResults } from "../results.ts";
import { origin } from "./shared.ts";

function colorOf(object: string): "ours" | "red" | "orange" | "purple" | "hand" {
  if (object.startsWith("Dormouse")) return "ours";
  const others = { PerWrite: "red", PersistActor: "orange", CountingAgent: "purple" } as const;
  return others[object as keyof typeof others] ?? "hand";
}

export function socketSection({ endToEnd }: AllResults): Block[] {
  const { rows } = endToEnd;
  return [
    heading(2, "End to end"),
    text(
      "One real socket to one object in workerd, the handler `messageCount++; lastSeen = Date.now()` and a reply; every answer is checked to count one more than the last. Objects take turns in many short rounds of one run. Messages a second with 100 unanswered at a time, the median of the rounds, and what the best tenth of them reach, since what disturbs a round only slows it; latency one message at a time. `group` lets several messages share one commit; a hand-written group commit stands beside it.",
    ),
    origin(endToEnd, `${rows[0]?.messages.toLocaleString("en") ?? 0} messages an object under load`),
    {
      kind: "chart",
      name: "messages",
      title: "Messages a second, 100 unanswered at a time",
      svg: barChart({
        title: "Messages a second",
        axis: "messages/s →",
        bars: rows.map((row) => ({
          label: row.title,
          value: row.messagesPerSecond,
          color: colorOf(row.object),
        })),
        format: (value) => short(value),
      }),
    },
    {
      kind: "chart",
      name: "usd",
      title: "USD for a million messages, one at a time (nothing shared)",
      svg: barChart({
        title: "USD for a million messages",
        axis: "USD →",
        bars: rows.map((row) => ({
          label: row.title,
          value: usdPerMillionMessages(row.rowsOneAtATime),
          color: colorOf(row.object),
        })),
        format: (value) => value.toFixed(2),
      }),
    },
    {
      kind: "table",
      caption: "Messages, latency, rows and price",
      header: [
        "",
        "messages/s",
        "/ hand-written",
        "/ per-write",
        "best tenth",
        "p50 ms",
        "p99 ms",
        "rows a message, load",
        "... one at a time",
        "USD a million, load",
        "... one at a time",
      ],
      rows: rows.map((row) => [
        row.title,
        row.messagesPerSecond.toFixed(0),
        rateRatio(rows, row.object, "ByHand")?.toFixed(2) ?? "",
        rateRatio(rows, row.object, "PerWrite")?.toFixed(2) ?? "",
        row.undisturbed.toFixed(0),
        row.p50Ms.toFixed(3),
        row.p99Ms.toFixed(3),
        row.rowsUnderLoad.toFixed(2),
        row.rowsOneAtATime.toFixed(2),
        usdPerMillionMessages(row.rowsUnderLoad).toFixed(2),
        usdPerMillionMessages(row.rowsOneAtATime).toFixed(2),
      ]),
    },
    text(
      `Prices: ${PRICES.millionRowsWritten.toFixed(2)} USD a million rows written, ${PRICES.millionRequests} a million requests, ${PRICES.messagesPerRequest} incoming messages a request ([source](${PRICES.source}), ${PRICES.date}); duration and stored bytes are not counted, nor what the plan includes.`,
    ),
    heading(3, "End to end: where we lose"),
    list(socketLosses(rows)),
  ];
}
