import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { relative } from "node:path";
const external = ["@preact/signals-core", "cloudflare:workers", "partysocket", "@dormouse/reactive"];
const result = await build({
  stdin: { contents: 'export * from "./packages/do-runtime/src/index.ts"', resolveDir: process.cwd() },
  alias: { "#cloudflare": "./packages/do-runtime/src/cloudflare.ts" },
  bundle: true,
  splitting: true,
  outdir: "out",
  metafile: true,
  conditions: ["workerd"],
  minify: true,
  format: "esm",
  target: "es2024",
  external,
  write: false,
});
const { outputs } = result.metafile;
const loaded = ["out/stdin.js"];
for (const file of loaded) {
  const imports = outputs[file]?.imports.filter(({ kind }) => kind === "import-statement") ?? [];
  loaded.push(...imports.map(({ path }) => path).filter((path) => path in outputs && !loaded.includes(path)));
}
const texts = result.outputFiles.filter(({ path }) => loaded.includes(relative(process.cwd(), path)));
console.log(gzipSync(Buffer.concat(texts.map(({ contents: t }) => t)), { level: 9 }).byteLength);
