import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  type Block,
  blocksOf,
  deadLinksOf,
  pages,
  sourceOf,
  testsOf,
  withFreshBlocks,
} from "../../../scripts/docs/blocks.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (page: string) => readFileSync(`${root}/${page}`, "utf8");
/** Printed output, drawings and lists of scripts, which have a test of their own. */
const isCode = ({ language }: Block) => language !== "text";
/** What a program has and a drawing has not. */
const statement = /^\s*(?:const|let|import|export|await|expect)\b|;\s*(?:\/\/.*)?$/m;
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

describe.each(pages(root))("%s", (page) => {
  const markdown = read(page);
  const code = blocksOf(page, markdown).filter(isCode);

  it("shows no code that isn't tested", () => {
    const untested = code.filter(
      ({ file, run }) =>
        (run === undefined || !existsSync(join(root, run))) &&
        (file === undefined || testsOf(root, file.split("#")[0] ?? "").length === 0),
    );

    expect(untested.map((block) => `${block.page}:${block.line} ${block.language}`)).toEqual([]);
  });

  it("hides no code in a block that is said to have none", () => {
    const texts = blocksOf(page, markdown).filter((block) => !isCode(block));

    expect(texts.filter(({ text }) => statement.test(text)).map(({ line }) => `${page}:${line}`)).toEqual([]);
  });

  it("names only npm scripts that there are", () => {
    const named = [...markdown.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = ""]) => name);

    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it("shows the code as it is tested (else: npm run docs:sync)", () => {
    expect(markdown).toBe(withFreshBlocks(root, page, markdown));
  });

  it("links to nothing that is missing", () => {
    expect(deadLinksOf(root, page)).toEqual([]);
  });

  it("names only functions that there are, where it says of a file which", () => {
    const named = markdown.matchAll(/\]\(([^)]+\.ts)\) \(`(\w+)`\)/g);
    const missing = [...named].filter(
      ([, file = "", name = ""]) =>
        !new RegExp(`^(?:export )?(?:async )?(?:function |  )${name}[(<]`, "m").test(
          readFileSync(join(root, dirname(page), file), "utf8"),
        ),
    );

    expect(missing.map(([text]) => text)).toEqual([]);
  });

  it("names only rules that there are", () => {
    const named = markdown.matchAll(/\[([A-Z]\d+)\]\(([^)]*SPEC\.md)\)/g);
    const unknown = [...named].filter(
      ([, rule, spec = ""]) => !readFileSync(join(root, dirname(page), spec), "utf8").includes(`**${rule}**`),
    );

    expect(unknown.map(([link]) => link)).toEqual([]);
  });
});

describe("a block", () => {
  const fence = "```";

  it("is found with its language, its source and its text", () => {
    const markdown = `a\n${fence}ts file=a/b.ts#c\nx;\n\ny;\n${fence}\n${fence}sh run=t.test.ts\n${fence}`;

    expect(blocksOf("p.md", markdown)).toEqual([
      { page: "p.md", line: 2, language: "ts", file: "a/b.ts#c", run: undefined, text: "x;\n\ny;" },
      { page: "p.md", line: 7, language: "sh", file: undefined, run: "t.test.ts", text: "" },
    ]);
  });

  it("that drifted from its source is seen, and mended", () => {
    const self = "test/node/docs/blocks.test.ts#sample";
    const page = (text: string) => `${fence}ts file=${self}\n${text}${fence}\n`;

    // #region sample
    const sample = 1;
    // #endregion
    expect(withFreshBlocks(root, "p.md", page("const sample = 2;\n"))).toBe(page("const sample = 1;\n"));
    expect(withFreshBlocks(root, "p.md", page(""))).toBe(page("const sample = 1;\n"));
    expect(sample).toBe(1);
  });

  it("of a missing file or region is an error that says which", () => {
    expect(() => sourceOf(root, "no/such.ts")).toThrow("there is no file no/such.ts");
    expect(() => sourceOf(root, "package.json#x")).toThrow('package.json has no "#region x"');
  });
});
