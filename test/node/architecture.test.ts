import { globSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { importRows, rowOf, rows } from "../../scripts/lint/import-rows.ts";

/** What the lint rule says of an import. */
function lint(file: string, specifier: string): string[] {
  const messages: string[] = [];
  const visitors = importRows.create({
    filename: resolve(file),
    report: ({ message }) => messages.push(message),
  });
  visitors["ImportDeclaration"]?.({ source: { value: specifier } });
  return messages;
}

// The table of docs/architecture.md is the rule, and the linter holds the sources to it.
describe.each(["reactive", "do-runtime"])("the modules of %s", (name) => {
  const modules = globSync("**/*.ts", { cwd: `packages/${name}/src` })
    .map((file) => file.replaceAll("\\", "/").slice(0, -3))
    .toSorted();

  it("each have their row in docs/architecture.md", () => {
    expect(modules.filter((module) => rowOf(name, module) < 0)).toEqual([]);
  });

  it("are all that the rows name", () => {
    const numbers = new Set(modules.map((module) => rowOf(name, module)));
    const empty = rows.filter((row, number) => row.name === name && !numbers.has(number));

    expect(empty).toEqual([]);
  });
});

describe("the lint rule of imports", () => {
  it("refuses those that go up the rows", () => {
    expect(lint("packages/reactive/src/stamp.ts", "./node.js")).toEqual([
      expect.stringMatching(/^"node" stands above "stamp" in docs\/architecture.md/),
    ]);
    expect(lint("packages/do-runtime/src/layout/keys.ts", "../persister.ts")).toHaveLength(1);
  });

  it("takes those that go down, stay in a row, leave the package or are no package's", () => {
    expect(lint("packages/reactive/src/node.ts", "./stamp.js")).toEqual([]);
    expect(lint("packages/reactive/src/handlers/map.ts", "./facade.js")).toEqual([]);
    expect(lint("packages/do-runtime/src/persister.ts", "@dormouse/reactive")).toEqual([]);
    expect(lint("test/node/architecture.test.ts", "./spec.test.ts")).toEqual([]);
  });
});
