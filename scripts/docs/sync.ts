// Copies the tested code into the pages that show it: npm run docs:sync
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pages, withFreshBlocks } from "./blocks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
for (const page of pages(root)) {
  const before = readFileSync(join(root, page), "utf8");
  try {
    const after = withFreshBlocks(root, page, before);
    if (after === before) continue;
    writeFileSync(join(root, page), after);
    console.log(`updated ${page}`);
  } catch (error) {
    // The other pages can be brought up to date all the same.
    console.error(`${page}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
