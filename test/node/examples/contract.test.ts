import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openBook } from "../../../examples/contract/src/client.ts";
import { type LocalWorker, startLocalWorker } from "../support/local-worker.ts";

let folder: string;
let worker: LocalWorker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dormouse-contract-"));
  worker = await startLocalWorker("contract", folder);
}, 60_000);

afterAll(async () => {
  await worker?.kill();
  await rm(folder, { recursive: true, force: true });
});

it("signs through the client, and shows what is refused", async () => {
  const shown: string[] = [];
  const book = openBook(`${worker.url.replace("http", "ws")}/ws?userId=ada`, (line) => shown.push(line));

  expect(book.sign("early")).toBe("queued");
  await vi.waitFor(() => expect(shown).toContain("1. ada: early"), 10_000);
  expect(book.sign(" ")).toBe("sent");
  await vi.waitFor(() => expect(shown.at(-1)).toContain("not signed"), 10_000);
  book.close();

  expect(shown).toEqual([
    "(open)",
    "1. ada: early",
    expect.stringContaining("not signed: text: "),
    "(closed)",
  ]);
});
