// Kills a real workerd, data on disk, under the load of a real client, again and again: nothing acknowledged may be lost, nothing torn.
//   npm run test:crash [-- <rounds>]
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROUNDS = Number(process.argv[2] ?? 20);
/** Messages that are on their way at the same time. */
const PIPELINE = 16;

// The binary itself, not a script around it: the process that is killed must be the one that holds the storage.
const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };
const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "dormouse-crash-"));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function bundle(): Promise<void> {
  const source = (name: string): string => join(root, "packages", name, "src/index.ts");
  await build({
    entryPoints: [join(root, "test/workerd/objects/crash.ts")],
    alias: { "@dormouse/do-runtime": source("do-runtime"), "@dormouse/reactive": source("reactive") },
    bundle: true,
    conditions: ["workerd"],
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    outfile: join(folder, "worker.js"),
  });
}

function writeConfig(port: number, disk: string): string {
  const file = join(folder, "config.capnp");
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "disk", disk = (path = "${disk}", writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "CRASH", durableObjectNamespace = "CrashObject")],
  durableObjectNamespaces = [(className = "CrashObject", uniqueKey = "crash", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
);
`,
  );
  return file;
}

interface Found {
  readonly count: number;
  readonly flaws: readonly string[];
}

async function ask(url: string): Promise<Found> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await (await fetch(url)).json()) as Found;
    } catch (error) {
      if (attempt > 200) throw error;
      await sleep(25);
    }
  }
}

/** Sends numbers from `from` on, as long as the socket lives; answers the last that was acknowledged. */
function load(url: string, from: number): { readonly acknowledged: () => number } {
  let [next, last] = [from, from - 1];
  const socket = new WebSocket(url.replace("http:", "ws:"));
  const send = (): void => {
    while (next - last <= PIPELINE && socket.readyState === WebSocket.OPEN) socket.send(String(next++));
  };
  socket.addEventListener("open", send);
  socket.addEventListener("message", ({ data }) => {
    last = Number(data);
    send();
  });
  socket.addEventListener("error", () => {});
  return { acknowledged: () => last };
}

/** Kills the process that was started here, and waits until it is gone. */
async function kill(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

async function crash(commit: string, layout: string): Promise<number> {
  const disk = join(folder, `${commit}-${layout}`);
  mkdirSync(disk);
  let [acknowledged, messages, lost, torn] = [0, 0, 0, 0];
  for (let round = 0; round <= ROUNDS; round++) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/?commit=${commit}&layout=${layout}`;
    const child = spawn(workerd, ["serve", "--experimental", writeConfig(port, disk)], {
      stdio: ["ignore", "ignore", "ignore"],
    });
    const { count, flaws } = await ask(url);
    if (count < acknowledged) lost += acknowledged - count;
    if (flaws.length > 0) {
      torn++;
      console.log(`  torn after ${count}: ${flaws.join("; ")}`);
    }
    if (round < ROUNDS) {
      const client = load(url, count + 1);
      await sleep(100 + Math.random() * 200);
      await kill(child);
      messages += client.acknowledged() - count;
      acknowledged = client.acknowledged();
    } else await kill(child);
  }
  console.log(
    `commit ${commit}, layout ${layout}: ${messages} messages acknowledged, ${ROUNDS} kills, ${lost} lost, ${torn} torn`,
  );
  return lost + torn + (messages === 0 ? 1 : 0);
}

try {
  await bundle();
  let failures = 0;
  for (const commit of ["turn", "group"]) {
    for (const layout of ["keys", "log"]) failures += await crash(commit, layout);
  }
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
