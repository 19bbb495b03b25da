// Runs a bundled Worker in the real workerd, with SQLite-backed objects on disk, and nothing in between.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ServedWorker {
  /** "http://127.0.0.1:port" */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const COMPATIBILITY_DATE = "2026-11-01";
const START_TIMEOUT_MS = 20_000;

/**
 * Starts workerd on a free port. `classes` are the Durable Object classes, each bound under its own name; `inMemory` names those whose
 * objects never hibernate, since they have nothing to restore from.
 */
export async function serveWorker(
  script: string,
  classes: readonly string[],
  inMemory: readonly string[] = [],
): Promise<ServedWorker> {
  const folder = mkdtempSync(join(tmpdir(), "dormouse-bench-"));
  mkdirSync(join(folder, "disk"));
  writeFileSync(join(folder, "worker.js"), script);
  writeFileSync(join(folder, "config.capnp"), config(join(folder, "disk"), classes, inMemory));

  const child = spawn(workerdPath(), ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: `http://127.0.0.1:${await listening(child)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function config(disk: string, classes: readonly string[], inMemory: readonly string[]): string {
  const namespaces = classes.map(
    (name) =>
      `(className = "${name}", uniqueKey = "${name}", enableSql = true, preventEviction = ${inMemory.includes(name)})`,
  );
  const bindings = classes.map((name) => `(name = "${name}", durableObjectNamespace = "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "disk", disk = (path = ${JSON.stringify(disk)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [${bindings.join(", ")}],
);
`;
}

/** The binary that the package \`workerd\` carries for this machine. */
function workerdPath(): string {
  const require = createRequire(import.meta.url);
  const miniflare = createRequire(require.resolve("miniflare"));
  return miniflare("workerd").default as string;
}

/** The port workerd reports once it listens. */
function listening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const control = child.stdio[3];
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const fail = (why: string) =>
      reject(new Error(`[bench] workerd ${why}: ${errors.trim() || "it said nothing"}`));
    const timer = setTimeout(() => fail("did not listen in time"), START_TIMEOUT_MS);
    child.once("exit", (code) => fail(`ended with code ${code}`));
    control?.on("data", (chunk: Buffer) => {
      const port = /"port":(\d+)/.exec(chunk.toString())?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
