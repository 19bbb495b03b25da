import { DurableObject } from "cloudflare:workers";
import { checkRestored, countWrites, timeWrites, type MeasuredStorage } from "../writes/measure.ts";
import { findStore } from "../writes/stores/index.ts";
import type { Store } from "../writes/stores/store.ts";
import { findWorkload } from "../writes/workloads/index.ts";
import type { Job } from "../writes/job.ts";

/** Runs jobs on its own storage. */
export class WritesObject extends DurableObject {
  override async fetch(request: Request): Promise<Response> {
    const job = await request.json<Job>();
    return Response.json(await runJob(this.ctx, findStore(job.store), job));
  }
}

export async function runJob(ctx: DurableObjectState, store: Store, job: Job): Promise<unknown> {
  const storage = ctx.storage as unknown as MeasuredStorage;
  const workload = findWorkload(job.workload);
  switch (job.kind) {
    case "count":
      return countWrites(storage, store, workload);
    case "time":
      return timeWrites(storage, store, workload, job.minimumMs);
    case "check":
      return { restored: await checkRestored(storage, store, workload) };
    case "abort":
      await storage.sync();
      return ctx.abort("the bench wants a fresh object");
  }
}
