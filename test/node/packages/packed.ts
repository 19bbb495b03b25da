import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Packed {
  readonly name: string;
  /** The staged folder that was packed, with the same dist/ as the tarball. */
  readonly folder: string;
  readonly tarball: string;
}

/** Packs both packages into a folder below the root, as `npm run pack` does, reactive first. */
export function pack(folder: string): Packed[] {
  const printed = execFileSync(process.execPath, [`${root}/scripts/pack.mjs`, folder], { encoding: "utf8" });
  const tarballs = printed.trim().split("\n");
  return ["reactive", "do-runtime"].map((name, index) => ({
    name: `@dormouse/${name}`,
    folder: `${root}/${folder}/${name}`,
    tarball: tarballs[index] ?? "",
  }));
}

/** The version of a dependency that this repository has installed. */
export function installedVersion(name: string): string {
  const { version } = JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, "utf8")) as {
    version: string;
  };
  return version;
}
