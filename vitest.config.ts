import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests run against the sources, so that a stale build can't hide a change.
const alias = [
  { find: /^@dormouse\/reactive$/, replacement: fromRoot("packages/reactive/src/index.ts") },
  { find: /^@dormouse\/do-runtime$/, replacement: fromRoot("packages/do-runtime/src/index.ts") },
  {
    find: /^@dormouse\/do-runtime\/testing$/,
    replacement: fromRoot("packages/do-runtime/src/testing.ts"),
  },
  {
    find: /^@dormouse\/do-runtime\/inspector$/,
    replacement: fromRoot("packages/do-runtime/src/inspector.ts"),
  },
  {
    find: /^@dormouse\/do-runtime\/client$/,
    replacement: fromRoot("packages/do-runtime/src/client.ts"),
  },
];

// What the package's "imports" choose by the condition "workerd", for the sources.
const platform = (module: string) => [
  { find: /^#cloudflare$/, replacement: fromRoot(`packages/do-runtime/src/${module}.ts`) },
];

// .ci/run counts the tests from this file.
const report = process.env["DORMOUSE_TEST_REPORT"];

export default defineConfig({
  resolve: { alias },
  test: {
    // Browsers, installs and thousands of runs take long on a busy machine; a hang is still found. The long run's laws take minutes each.
    testTimeout: process.env["DORMOUSE_RUNS"] === undefined ? 60_000 : 3_600_000,
    hookTimeout: 60_000,
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    projects: [
      {
        extends: true,
        resolve: { alias: platform("cloudflare-elsewhere") },
        test: {
          name: "node",
          include: ["test/node/**/*.test.ts"],
          pool: "forks",
          execArgv: ["--expose-gc"],
        },
      },
      {
        extends: true,
        resolve: { alias: platform("cloudflare") },
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/workerd/wrangler.jsonc" } })],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"] },
      },
    ],
  },
});
