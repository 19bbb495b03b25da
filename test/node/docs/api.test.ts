import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { deadLinksOf } from "../../../scripts/docs/blocks.ts";

const modules = [
  { page: "reactive", source: "reactive/src/index" },
  { page: "do-runtime", source: "do-runtime/src/index" },
  { page: "client", source: "do-runtime/src/client" },
  { page: "inspector", source: "do-runtime/src/inspector" },
  { page: "testing", source: "do-runtime/src/testing" },
];

const namesIn = (list: string) =>
  list
    .split(",")
    .map((name) =>
      name
        .trim()
        .replace(/^type /, "")
        .replace(/^\w+ as /, ""),
    )
    .filter((name) => name !== "");

const textOf = (source: string) => readFileSync(`packages/${source}.ts`, "utf8");

/** The names that a module passes on from another package. */
function passedOnBy(source: string): string[] {
  const lists = textOf(source).matchAll(/^export (?:type )?\{([^}]*)\} from "[^.]/gm);
  return [...lists].flatMap(([, names = ""]) => namesIn(names));
}

/** The names that a module exports, by `export { ... }` or at their declaration; what is only passed on from another package apart. */
function exportsOf(source: string): string[] {
  const lists = textOf(source).matchAll(/^export (?:type )?\{([^}]*)\}(?: from "\.\/(.*)\.[jt]s"|;)/gm);
  const listed = [...lists].flatMap(([, names = "", from]) => {
    const passedOn = from === undefined ? [] : passedOnBy(join(dirname(source), from));
    return namesIn(names).filter((name) => !passedOn.includes(name));
  });
  const declared = textOf(source).matchAll(
    /^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm,
  );
  return [...listed, ...[...declared].map(([, name = ""]) => name)].toSorted();
}

describe.each(modules)("docs/api/$page.md", ({ page, source }) => {
  it("tells of what the module exports, and of nothing else (else: npm run docs:api)", () => {
    const headings = readFileSync(`docs/api/${page}.md`, "utf8").matchAll(/^### (\w+)(?:\(\))?$/gm);

    expect([...headings].map(([, name]) => name).toSorted()).toEqual(exportsOf(source));
  });

  it("links to nothing that is missing", () => {
    expect(deadLinksOf(".", `docs/api/${page}.md`)).toEqual([]);
  });
});

it("docs/api/README.md leads to each module's functions by the name it is imported by", () => {
  const index = readFileSync("docs/api/README.md", "utf8");

  for (const { page } of modules) {
    const markdown = readFileSync(`docs/api/${page}.md`, "utf8");
    const [, title] = /^# (.*)$/m.exec(markdown) ?? [];
    expect(index).toContain(`- [\`${title}\`](${page}.md): `);
    for (const [, name = ""] of markdown.matchAll(/^### (\w+)\(\)$/gm))
      expect(index).toContain(`[${name}](${page}.md#${name.toLowerCase()})`);
  }
  expect(deadLinksOf(".", "docs/api/README.md")).toEqual([]);
});
