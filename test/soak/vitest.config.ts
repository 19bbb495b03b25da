import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export default defineConfig({
  root: fromRoot("."),
  resolve: {
    alias: [
      { find: /^@dormouse\/reactive$/, replacement: fromRoot("packages/reactive/src/index.ts") },
      { find: /^@dormouse\/do-runtime$/, replacement: fromRoot("packages/do-runtime/src/index.ts") },
      { find: /^#cloudflare$/, replacement: fromRoot("packages/do-runtime/src/cloudflare.ts") },
    ],
  },
  plugins: [cloudflareTest({ wrangler: { configPath: fromRoot("test/soak/wrangler.jsonc") } })],
  test: {
    name: "soak",
    include: ["test/soak/**/*.test.ts"],
    globalSetup: fromRoot("test/soak/memory.ts"),
    testTimeout: 180_000,
    provide: {
      soakSeconds: Number(process.env["SOAK_SECONDS"] ?? 60),
      soakSeed: Number(process.env["SOAK_SEED"] ?? Date.now() % 2 ** 31),
    },
  },
});
