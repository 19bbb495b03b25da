import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { installedVersion, pack, type Packed, root } from "./packed.ts";

const folder = mkdtempSync(join(tmpdir(), "dormouse-packed-"));
let packages: Packed[];
let runtime: Miniflare | undefined;

beforeAll(() => {
  packages = pack(".pack-worker");
  const tarballs = packages.map(({ tarball }) => tarball);
  const install = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent"];
  const tools = ["wrangler", "@cloudflare/workers-types"].map((name) => `${name}@${installedVersion(name)}`);
  cpSync(join(root, "examples/chat"), folder, {
    recursive: true,
    filter: (path) => !path.includes(".wrangler"),
  });
  execFileSync("npm", ["init", "--yes"], { cwd: folder, stdio: "pipe" });
  execFileSync("npm", [...install, ...tarballs, ...tools], { cwd: folder, stdio: "pipe" });
}, 120_000);

afterAll(async () => {
  await runtime?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that can be imported. */
function entries(): string[] {
  return packages.flatMap(({ name, folder: staged }) => {
    const { exports } = JSON.parse(readFileSync(join(staged, "package.json"), "utf8")) as { exports: object };
    return Object.keys(exports).map((entry) => name + entry.slice(1));
  });
}

/** The bundle in a runtime of its own, on the storage that the last one left. */
async function start(): Promise<Miniflare> {
  await runtime?.dispose();
  const options = convertV4MiniflareOptions({
    rootPath: join(folder, "bundle"),
    modulesRoot: ".",
    modules: true,
    scriptPath: "index.js",
    compatibilityDate: "2026-11-01",
    durableObjects: { UserConnection: { className: "UserConnection", useSQLite: true } },
  });
  runtime = new Miniflare({ ...options, resourcePersistencePath: join(folder, "storage") });
  await runtime.ready;
  return runtime;
}

interface Received {
  readonly data: { readonly type: string; readonly messageNumber: number };
}

/** Opens a socket as `user`, says something and gives what `listener` hears of it. */
async function say(worker: Miniflare, user: string, listener: string): Promise<Received> {
  const [from, to] = await Promise.all([user, listener].map((name) => connect(worker, name)));
  if (!from || !to) throw new Error("no socket");
  const heard = new Promise<Received>((resolve) => {
    to.addEventListener("message", ({ data }) => {
      resolve(JSON.parse(String(data)) as Received);
    });
  });
  from.send(JSON.stringify({ type: "message", data: { text: "hello" } }));
  const frame = await heard;
  from.close(1000);
  to.close(1000);
  return frame;
}

async function connect(worker: Miniflare, userId: string) {
  const { webSocket } = await worker.dispatchFetch(`http://localhost/ws?userId=${userId}`, {
    headers: { Upgrade: "websocket" },
  });
  webSocket?.accept();
  return webSocket;
}

it("the tarballs, installed in a fresh folder and bundled by wrangler, connect, persist and restart", async () => {
  execFileSync("npx", ["wrangler", "deploy", "--dry-run", "--outdir", "bundle"], {
    cwd: folder,
    stdio: "pipe",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });

  // The chat tells of each connection.
  const told = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const first = await start();
  expect(await say(first, "ada", "bob")).toMatchObject({ data: { type: "message", messageNumber: 1 } });
  expect(await say(first, "ada", "bob")).toMatchObject({ data: { type: "message", messageNumber: 2 } });

  const second = await start();
  expect(await say(second, "ada", "bob")).toMatchObject({ data: { type: "message", messageNumber: 3 } });
  expect(told).toHaveBeenCalledWith("User has sent 2 messages");
}, 120_000);

it("every entry of the tarballs loads in plain Node", () => {
  const script = `for (const entry of ${JSON.stringify(entries())}) {
    const names = Object.keys(await import(entry));
    if (names.length === 0) throw new Error(entry + " exports nothing");
    console.log(entry);
  }`;

  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    encoding: "utf8",
  });

  expect(printed.trim().split("\n")).toEqual(entries());
  expect(entries()).toContain("@dormouse/do-runtime/client");
});

it("their types hold in a strict project that checks its libraries", () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    module: "NodeNext",
    target: "ES2024",
    lib: ["ES2024", "ESNext.Collection"],
    types: ["@cloudflare/workers-types"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  const imports = entries().map((entry, index) => `export * as entry${index} from "${entry}";`);
  writeFileSync(join(folder, "src/every-entry.ts"), imports.join("\n"));

  const { stdout } = spawnSync(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), "-p", folder],
    {
      encoding: "utf8",
    },
  );

  expect(stdout).toBe("");
}, 30_000);
