// What only the benchmarks need is installed at their first run.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BENCH = fileURLToPath(new URL("..", import.meta.url));

/** Installs the packages of bench/package.json into bench/node_modules, unless they are there in these versions. */
export function installPeers(): void {
  const { dependencies } = readManifest(`${BENCH}package.json`);
  const missing = Object.entries(dependencies).filter(
    ([name, version]) => installedVersion(name) !== version,
  );
  if (missing.length === 0) return;
  console.error(
    `Installing the peers (${missing.map(([name]) => name).join(", ")}) into bench/node_modules ...`,
  );
  execFileSync(
    "npm",
    ["install", "--prefix", BENCH, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
}

export function installedVersion(name: string): string | undefined {
  const manifest = `${BENCH}node_modules/${name}/package.json`;
  return existsSync(manifest) ? readManifest(manifest).version : undefined;
}

function readManifest(path: string): { version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(path, "utf8"));
}
