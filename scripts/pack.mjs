// Packs both packages as npm would publish them: node scripts/pack.mjs [folder], .pack by default.
// The sources are built in a copy: a dist/ that still holds files of deleted sources must not be published,
// and one that a running test or `npm start` reads must not be swept away.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
// One level below the root, so that the copies' "../../tsconfig.base.json" is the same file.
const folder = process.argv[2] ?? ".pack";
const staged = ["reactive", "do-runtime"].map((name) => join(root, folder, name));

rmSync(join(root, folder), { recursive: true, force: true });
mkdirSync(join(root, folder));
for (const copy of staged) {
  cpSync(join(root, "packages", copy.slice(join(root, folder).length)), copy, {
    recursive: true,
    filter: (path) => !/[\\/](dist|node_modules)$/.test(path),
  });
}
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", ...staged], {
  stdio: "inherit",
});
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
for (const copy of staged) {
  const printed = execFileSync(npm, ["pack", "--silent", "--pack-destination", join(root, folder)], {
    cwd: copy,
    encoding: "utf8",
  });
  console.log(resolve(root, folder, printed.trim()));
}
