// Starts an example, the board unless another is named, on local workerd: offline, without an account, its data kept on disk between starts.
// PORT (8787) and DATA_DIR (examples/NAME/.wrangler/state) may be set in the environment.
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const example = process.argv[2] ?? "board";
const port = process.env["PORT"] ?? "8787";
const root = fileURLToPath(new URL("..", import.meta.url));
const examples = globSync("*/wrangler.jsonc", { cwd: `${root}examples` }).map(dirname);
if (!examples.includes(example)) {
  console.error(`There is no example "${example}"; there are ${examples.toSorted().join(", ")}.`);
  process.exit(1);
}
const config = `${root}examples/${example}/wrangler.jsonc`;
const hasPage = readFileSync(config, "utf8").includes('"assets"');
const dataDir = process.env["DATA_DIR"] ?? `${root}examples/${example}/.wrangler/state`;

const wrangler = spawn(
  process.execPath,
  [
    `${root}node_modules/wrangler/bin/wrangler.js`,
    "dev",
    "--config",
    config,
    "--port",
    port,
    "--persist-to",
    dataDir,
  ],
  {
    // An example's own build step runs where the example is.
    cwd: `${root}examples/${example}`,
    stdio: ["inherit", "pipe", "inherit"],
    env: {
      ...process.env,
      // Nothing here needs the network: no usage metrics, no look-up of a request's location.
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    },
  },
);

let isReady = false;
wrangler.stdout.on("data", (chunk) => {
  process.stdout.write(chunk);
  const ready = /Ready on (\S+)/.exec(String(chunk));
  if (ready === null) return;
  isReady = true;
  console.log(`\n  dormouse: ${hasPage ? `open ${ready[1]} in two tabs` : `it runs at ${ready[1]}`}\n`);
});
wrangler.on("exit", (code) => {
  if (!isReady && code !== null) {
    const command = `PORT=${Number(port) + 1} npm start${example === "board" ? "" : ` ${example}`}`;
    console.error(`  dormouse: it did not start at port ${port}; for another one, ${command}`);
  }
  process.exit(code ?? 1);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => wrangler.kill(signal));
