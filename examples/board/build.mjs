// Makes dist/ of page/: the script and the styles bundled, the document as it is.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

mkdirSync(here("dist"), { recursive: true });
copyFileSync(here("page/index.html"), here("dist/index.html"));
await build({
  entryPoints: [here("page/main.ts"), here("page/style.css")],
  outdir: here("dist"),
  bundle: true,
  format: "esm",
  target: "es2023",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});
