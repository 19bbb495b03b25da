import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";

// The table of docs/architecture.md is the rule, and this is what holds the sources to it.
const rows = [...readFileSync("docs/architecture.md", "utf8").matchAll(/^\| ([\w-]+) \| (.+?) \| .+ \|$/gm)]
  .map(([, name, modules]) => ({
    name,
    modules: [...(modules ?? "").matchAll(/`([^`]+)`/g)].map((m) => m[1]),
  }))
  .filter(({ modules }) => modules.length > 0);

const layerOf = (name: string, module: string) =>
  rows.findIndex(
    (row) => row.name === name && row.modules.some((pattern) => posix.matchesGlob(module, pattern ?? "")),
  );

interface Import {
  readonly from: string;
  readonly to: string;
}

function imports(name: string, modules: readonly string[]): Import[] {
  return modules.flatMap((from) => {
    const source = readFileSync(`packages/${name}/src/${from}.ts`, "utf8");
    const specifiers = source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
    return [...specifiers].map(([, specifier]) => ({
      from,
      to: posix.join(posix.dirname(from), specifier ?? "").replace(/\.[jt]s$/, ""),
    }));
  });
}

const upward = (name: string, edges: readonly Import[]) =>
  edges.filter(({ from, to }) => layerOf(name, from) > layerOf(name, to));

describe.each(["reactive", "do-runtime"])("the modules of %s", (name) => {
  const modules = globSync("**/*.ts", { cwd: `packages/${name}/src` })
    .map((file) => file.replaceAll("\\", "/").slice(0, -3))
    .toSorted();

  it("each have their row in docs/architecture.md", () => {
    expect(modules.filter((module) => layerOf(name, module) < 0)).toEqual([]);
  });

  it("import nothing from a row above their own", () => {
    expect(upward(name, imports(name, modules))).toEqual([]);
  });

  it("would be caught importing upward", () => {
    const ofPackage = rows.filter((row) => row.name === name);
    const [top, bottom] = [ofPackage.at(0)?.modules[0] ?? "", ofPackage.at(-1)?.modules[0] ?? ""];

    expect(upward(name, [{ from: bottom, to: top }])).toEqual([{ from: bottom, to: top }]);
  });
});
