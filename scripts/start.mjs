// Starts an example, the board unless another is named, on local workerd: offline, without an account, its data kept on disk between starts.
// PORT (8787) and DATA_DIR (examples/NAME/.wrangler/state) may be set in the environment.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const example = process.argv[2] ?? "board";
const port = process.env["PORT"] ?? "8787";
const root = fileURLToPath(new URL("..", import.meta.url));
const dataDir = process.env["DATA_DIR"] ?? `${root}examples/${example}/.wrangler/state`;

const wrangler = spawn(
  process.execPath,
  [
    `${root}node_modules/wrangler/bin/wrangler.js`,
    "dev",
    "--config",
    `${root}examples/${example}/wrangler.jsonc`,
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

wrangler.stdout.on("data", (chunk) => {
  process.stdout.write(chunk);
  const ready = /Ready on (\S+)/.exec(String(chunk));
  if (ready) console.log(`\n  dormouse: open ${ready[1]} in two tabs\n`);
});
wrangler.on("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => wrangler.kill(signal));
