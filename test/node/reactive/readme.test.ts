import { readFileSync } from "node:fs";
import { format } from "node:util";
import { expect, it, vi } from "vitest";

it("[R24] the program of the README prints what the README says", async () => {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...parts: unknown[]) => {
    printed.push(format(...parts));
  });

  await import("../../support/readme-program.js");
  log.mockRestore();

  const readme = readFileSync(new URL("../../../packages/reactive/README.md", import.meta.url), "utf8");
  const output = /```text\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(`${printed.join("\n")}\n`).toBe(output);
});
