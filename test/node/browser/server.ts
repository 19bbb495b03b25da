// Bundles for the browser's tests, from the sources, and real workerd to serve them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { freePort } from "../support/local-worker.ts";

const src = (module: string) => join(import.meta.dirname, "../../../packages", module);

/** Bundles a module as a browser or as workerd would get it. */
export async function bundle(entry: string, conditions: string[] = []): Promise<string> {
  const platform = conditions.includes("workerd") ? "cloudflare" : "cloudflare-elsewhere";
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    format: "esm",
    target: "es2024",
    write: false,
    conditions,
    external: ["cloudflare:workers"],
    alias: {
      "@dormouse/do-runtime": src("do-runtime/src/index.ts"),
      "@dormouse/do-runtime/client": src("do-runtime/src/client.ts"),
      "@dormouse/reactive": src("reactive/src/index.ts"),
      "#cloudflare": src(`do-runtime/src/${platform}.ts`),
    },
  });
  return outputFiles[0]?.text ?? "";
}

/** A server that can go down and come back on its port, with its storage. */
export class TestServer {
  readonly #script: string;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "dormouse-browser-"));
  #runtime: Miniflare | undefined;

  private constructor(script: string, port: number) {
    this.#script = script;
    this.#port = port;
  }

  static async create(): Promise<TestServer> {
    const server = new TestServer(
      await bundle("worker.ts", ["workerd", "worker", "browser"]),
      await freePort(),
    );
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const options = convertV4MiniflareOptions({
      modules: true,
      script: this.#script,
      host: "127.0.0.1",
      port: this.#port,
      compatibilityDate: "2026-11-01",
      durableObjects: { UserConnection: { className: "UserConnection", useSQLite: true } },
    });
    this.#runtime = new Miniflare({ ...options, resourcePersistencePath: this.#folder });
    await this.#runtime.ready;
  }

  async stop(): Promise<void> {
    await this.#runtime?.dispose();
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
