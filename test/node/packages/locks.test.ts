import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Locked {
  resolved?: string;
  optionalDependencies?: Record<string, string>;
}

describe.each(["package-lock.json", "bench/package-lock.json"])("%s", (path) => {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
  const packages: Record<string, Locked> = JSON.parse(text).packages;

  // npm writes into the lock whatever is missing in it: a fresh clone would be changed by the first `npm install`.
  it("holds the packages of every platform", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !lookUp(packages, path, name))
        .map((name) => `${path} -> ${name}`),
    );

    expect(missing).toEqual([]);
  });

  it("names no registry", () => {
    const resolved = Object.values(packages).flatMap((locked) => locked.resolved ?? []);

    expect(resolved.filter((place) => !place.startsWith("packages/"))).toEqual([]);
  });
});

/** Whether a package finds another, in its own node_modules or in those above it. */
function lookUp(packages: Record<string, Locked>, from: string, name: string): boolean {
  const own = from === "" ? "" : `${from}/`;
  if (`${own}node_modules/${name}` in packages) return true;
  return (
    from !== "" && lookUp(packages, from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))), name)
  );
}
