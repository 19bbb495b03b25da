import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startLocalWorker } from "../support/local-worker.ts";

// What it does with old data is tested in workerd; here it starts with its own wrangler.jsonc.
it("starts, and answers over HTTP", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "dormouse-migration-"));
  const worker = await startLocalWorker("migration", folder);
  try {
    await (await fetch(`${worker.url}/ada/math`)).text();
    const answer = await (await fetch(`${worker.url}/ada/engines`)).text();

    expect(answer).toBe(" : math, engines");
  } finally {
    await worker.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
