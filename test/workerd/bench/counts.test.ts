// What reaches storage is exact, and pinned here; what it costs in time is for `npm run bench`.
import { env, runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { countWrites, type MeasuredStorage, type WriteCounts } from "../../../bench/writes/measure.ts";
import { STORES } from "../../../bench/writes/stores/index.ts";
import type { Workload } from "../../../bench/writes/workload.ts";
import { WORKLOADS } from "../../../bench/writes/workloads/index.ts";
import { PINNED } from "./pinned.ts";

/** Below this many writes a turn, an engine that puts every write has little to lose. */
const MANY_WRITES = 10;

function count(storeName: string, workload: Workload): Promise<WriteCounts> {
  const store = STORES.find(({ name }) => name === storeName);
  if (!store) throw new Error(`no store ${storeName}`);
  const stub = env.SQLITE.get(env.SQLITE.idFromName(`counts ${workload.name} ${storeName}`));
  return runInDurableObject(stub, (_, ctx) =>
    countWrites(ctx.storage as unknown as MeasuredStorage, store, workload),
  );
}

describe.each(WORKLOADS)("$title", (workload) => {
  const counts = new Map<string, WriteCounts>();
  const of = (store: string): WriteCounts => {
    const found = counts.get(store);
    if (!found) throw new Error(`${store} was not counted`);
    return found;
  };
  const ours = STORES.filter((store) => store.name.startsWith("dormouse-"));

  beforeAll(async () => {
    // Side by side: each is an object of its own, and most of the time is spent waiting for the next event.
    const all = await Promise.all(
      STORES.map(async ({ name }) => [name, await count(name, workload)] as const),
    );
    for (const [name, found] of all) counts.set(name, found);
  });

  it("writes exactly what is pinned", () => {
    const found = Object.fromEntries(
      [...counts].map(([store, { puts, rows, bytes }]) => [
        store,
        `${puts} puts, ${rows} rows, ${bytes} bytes`,
      ]),
    );

    expect(found, "if it is meant: npm run bench:writes && npm run bench:pin").toEqual(PINNED[workload.name]);
  });

  it("never takes more puts or rows than hand-written code", () => {
    for (const { name } of ours) {
      expect(of(name).puts).toBeLessThanOrEqual(of("by-hand").puts);
      expect(of(name).rows).toBeLessThanOrEqual(of("by-hand").rows);
    }
  });

  it("takes one put a turn that changed anything, and in the log one row", () => {
    for (const { name } of ours) expect(of(name).puts).toBe(of("by-hand").puts);
    for (const name of ["dormouse-log", "dormouse-log-deep"]) expect(of(name).rows).toBe(of(name).puts);
  });

  it("never deletes", () => {
    for (const { name } of ours) expect(of(name).deletes).toBe(0);
  });

  const statements = Array.from({ length: workload.turns }, (_, index) => workload.turn(index + 1).length);
  const writesATurn = statements.reduce((sum, length) => sum + length, 0) / workload.turns;
  if (writesATurn >= MANY_WRITES) {
    it(`takes at most a tenth of the per-write model's puts and rows for ${writesATurn} writes a turn`, () => {
      for (const { name } of ours) {
        const model = of(name.endsWith("-deep") ? "per-write-deep" : "per-write");

        expect(of(name).puts * 10).toBeLessThanOrEqual(model.puts);
        expect(of(name).rows * 10).toBeLessThanOrEqual(model.rows);
      }
    });
  }
});
