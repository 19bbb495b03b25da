import { rateRatio } from "../end-to-end/row.ts";
import { usdPerMillionMessages } from "../prices.ts";
import { short } from "../harness/text.ts";
import { Results } from "../reactive/table.ts";
import { WORKLOADS } from "../writes/workloads/index.ts";
import { list, text, type Block } from "./document.ts";
import type { AllResults } from "./results.ts";

/** The numbers that matter most, each computed from the results below. */
export function summary(results: AllResults): Block[] {
  const { writes, endToEnd } = results;
  const counts = (store: string, workload: string) =>
    writes.cells.find((cell) => cell.store === store && cell.workload === workload)?.counts;
  const rows = (object: string) => endToEnd.rows.find((row) => row.object === object);
  const engine = new Results(results.reactive.cells);
  const verdicts = engine.verdicts();
  const turns = WORKLOADS.find(({ name }) => name === "size-100k")?.turns ?? 1;

  const items: string[] = [];
  const model = counts("per-write", "counters-3x10");
  const keys = counts("dormouse-keys", "counters-3x10");
  const log = counts("dormouse-log", "counters-3x10");
  if (model && keys && log) {
    items.push(
      `10 writes to each of 3 keys in one handler: ${keys.puts / keys.turns} put, ${keys.rows / keys.turns} rows under \`keys\`, ${log.rows / log.turns} row under \`log\`; the per-write model: ${model.puts / model.turns} puts, ${model.rows / model.turns} rows.`,
    );
  }
  const bigModel = counts("per-write-deep", "size-100k");
  const bigLog = counts("dormouse-log-deep", "size-100k");
  if (bigModel && bigLog) {
    items.push(
      `One nested number in a key of 100 KB: ${short(bigLog.bytes / turns)} bytes a change under \`log\`, ${short(bigModel.bytes / turns)} in the per-write model: ${(bigModel.bytes / bigLog.bytes).toFixed(0)} × fewer.`,
    );
  }
  const group = rows("DormouseGroup");
  const turn = rows("DormouseTurn");
  const perWrite = rows("PerWrite");
  const hand = rows("ByHand");
  if (group && turn && perWrite && hand) {
    items.push(
      `Through a real socket: ${short(group.messagesPerSecond)} messages/s with \`group\`, ${rateRatio(endToEnd.rows, "DormouseGroup", "PerWrite")?.toFixed(2)} × the per-write model; ${short(turn.messagesPerSecond)} with \`turn\`, ${rateRatio(endToEnd.rows, "DormouseTurn", "ByHand")?.toFixed(2)} × a hand-written \`put({2 keys})\`.`,
    );
    const turnLog = rows("DormouseTurnLog");
    if (turnLog) {
      items.push(
        `A million such messages, one at a time: ${usdPerMillionMessages(turnLog.rowsOneAtATime).toFixed(2)} USD under \`log\`, ${usdPerMillionMessages(perWrite.rowsOneAtATime).toFixed(2)} in the per-write model.`,
      );
    }
  }
  items.push(
    `Reactive engine: ${verdicts.filter(({ verdict }) => verdict === "met").length} of ${verdicts.length} targets met; a tracking peer is ahead in ${engine.lost().length} rows.`,
  );
  return [
    text(
      "Everything here comes from `npm run bench` on one machine; what is compared, how, and how far it holds is told in [bench/README.md](../README.md) and at each section. `keys` and `log` are the two layouts, `turn` and `group` the two commits; the per-write model puts each assignment at once. Every comparison that is lost is listed in its section, with the reason.",
    ),
    list(items),
  ];
}
