// Turns a Worker's TypeScript entry into the one module that workerd is given.
import { build, type Plugin } from "esbuild";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";

/** `require("path")` in a dependency becomes an import: a Worker's module has no `require`. */
const nodeBuiltins: Plugin = {
  name: "node-builtins",
  setup(bundle) {
    const bare = new RegExp(`^(${builtinModules.filter((name) => !name.startsWith("_")).join("|")})$`);
    bundle.onResolve({ filter: bare }, ({ path }) => ({ path, namespace: "builtin" }));
    bundle.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `export * from "node:${path}"; export { default } from "node:${path}";`,
    }));
  },
};

/** Mail needs the hosted platform; `agents` imports it, and nothing here sends any. */
const noMail: Plugin = {
  name: "no-mail",
  setup(bundle) {
    bundle.onResolve({ filter: /^cloudflare:email$/ }, ({ path }) => ({ path, namespace: "mail" }));
    bundle.onLoad({ filter: /.*/, namespace: "mail" }, () => ({ contents: "export class EmailMessage {}" }));
  },
};

/** Bundles `entry` (a file of bench/workers) with everything it imports but the runtime's own modules. */
export async function bundleWorker(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../workers/${entry}`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "import"],
    external: ["cloudflare:*", "node:*"],
    plugins: [nodeBuiltins, noMail],
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`[bench] esbuild made nothing of ${entry}`);
  return file.text;
}
