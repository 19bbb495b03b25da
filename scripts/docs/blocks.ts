// The code blocks of the documentation, and the tested code that each of them shows.
//
//   ```ts file=examples/counter/src/index.ts#counter     the lines between "// #region counter" and its end
//   ```jsonc file=examples/counter/wrangler.jsonc        the whole file
//   ```sh run=test/node/docs/getting-started.test.ts     commands that this test carries out
//   ```text                                              what a program prints, a drawing, a list of npm scripts
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface Block {
  readonly page: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** `path` or `path#region`, from the root of the repository. */
  readonly file: string | undefined;
  /** The test that carries out the block. */
  readonly run: string | undefined;
  readonly text: string;
}

const isMarker = (line: string) => /^\s*(?:\/\/|#|<!--|--) #(?:end)?region\b/.test(line);

/** The pages whose blocks are held: generated reference and rules apart. */
export function pages(root: string): string[] {
  return globSync(
    [
      "README.md",
      "CONTRIBUTING.md",
      "docs/*.md",
      "bench/README.md",
      "packages/*/README.md",
      "examples/**/README.md",
    ],
    {
      cwd: root,
      exclude: (name) => name === "node_modules",
    },
  )
    .map((page) => page.replaceAll("\\", "/"))
    .toSorted();
}

export function blocksOf(page: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const open = /^(`{3,})(\S*)\s*(.*)$/.exec(lines[index] ?? "");
    if (!open) continue;
    const [, fence = "", language = "", info = ""] = open;
    const close = lines.indexOf(fence, index + 1);
    if (close < 0) throw new Error(`[docs] ${page}:${index + 1} opens a code block that nothing closes`);
    blocks.push({
      page,
      line: index + 1,
      language,
      file: /(?:^|\s)file=(\S+)/.exec(info)?.[1],
      run: /(?:^|\s)run=(\S+)/.exec(info)?.[1],
      text: lines.slice(index + 1, close).join("\n"),
    });
    index = close;
  }
  return blocks;
}

/** The page with the text of every block that names a file taken from that file. */
export function withFreshBlocks(root: string, page: string, markdown: string): string {
  const lines = markdown.split("\n");
  for (const block of blocksOf(page, markdown).toReversed()) {
    if (!block.file) continue;
    lines.splice(
      block.line,
      block.text === "" ? 0 : block.text.split("\n").length,
      sourceOf(root, block.file),
    );
  }
  return lines.join("\n");
}

/** The text that `path` or `path#region` stands for, without the indentation that all of its lines share. */
export function sourceOf(root: string, reference: string): string {
  const [path = "", region] = reference.split("#");
  if (!existsSync(join(root, path))) throw new Error(`[docs] there is no file ${path}`);
  const lines = readFileSync(join(root, path), "utf8").trimEnd().split("\n");
  if (!region) return lines.filter((line) => !isMarker(line)).join("\n");

  const start = lines.findIndex((line) => isMarker(line) && line.trim().split(/\s+/)[2] === region);
  if (start < 0) throw new Error(`[docs] ${path} has no "#region ${region}"`);
  const body: string[] = [];
  let depth = 1;
  for (const line of lines.slice(start + 1)) {
    if (isMarker(line)) depth += line.includes("#endregion") ? -1 : 1;
    if (depth === 0) return dedent(body);
    if (!isMarker(line)) body.push(line);
  }
  throw new Error(`[docs] "#region ${region}" of ${path} has no "#endregion"`);
}

/** The names of a file's regions. */
export function regionsOf(root: string, path: string): string[] {
  const lines = readFileSync(join(root, path), "utf8").split("\n");
  return lines
    .filter((line) => isMarker(line) && line.includes("#region"))
    .map((line) => line.trim().split(/\s+/)[2] ?? "");
}

/** The tests that run a source, by the conventions of the repository; empty if nothing does. */
export function testsOf(root: string, path: string): string[] {
  if (path.endsWith(".test.ts")) return [path];
  const example = /^examples\/([^/]+)\//.exec(path)?.[1];
  const candidates = example
    ? globSync(`test/*/examples/${example}.test.ts`, { cwd: root })
    : globSync(`test/*/docs/${basename(path).replace(/\.\w+$/, "")}.test.ts`, { cwd: root });
  return candidates.map((test) => test.replaceAll("\\", "/"));
}

/** What can be linked to on a page: its headings, by the names that GitHub gives them, and its anchors. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set([...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id));
  for (const [, heading = ""] of markdown.matchAll(/^#+ (.+)$/gm)) {
    const name = heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
    let anchor = name;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${name}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The links of a page, those to other sites apart, that lead nowhere. */
export function deadLinksOf(root: string, page: string): string[] {
  const links = readFileSync(join(root, page), "utf8").matchAll(
    /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g,
  );
  return [...links]
    .filter(([, target = "", anchor]) => {
      const path = join(root, target === "" ? page : join(dirname(page), target));
      return (
        !existsSync(path) || (anchor !== undefined && !anchorsOf(readFileSync(path, "utf8")).has(anchor))
      );
    })
    .map(([link]) => link);
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const shared = Math.min(...indents);
  return lines
    .map((line) => line.slice(Number.isFinite(shared) ? shared : 0))
    .join("\n")
    .trim();
}
