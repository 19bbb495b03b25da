// Makes docs/api/ from the docstrings: npm run docs:api
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { anchorsOf } from "../blocks.ts";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// typedoc needs an older TypeScript than ours, so it lives in a folder of its own that only this command fills.
if (!existsSync(here("node_modules"))) {
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: here("."), stdio: "inherit" });
}
const { Application, ReflectionKind } = await import("typedoc");

const sourceFile = (source) =>
  here(`../../../packages/${source.endsWith("src") ? `${source}/index` : source}.ts`);

/** Each page, the module that it describes, and that module's source as typedoc names it. */
const entries = [
  { page: "reactive", module: "@dormouse/reactive", source: "reactive/src" },
  { page: "do-runtime", module: "@dormouse/do-runtime", source: "do-runtime/src" },
  { page: "testing", module: "@dormouse/do-runtime/testing", source: "do-runtime/src/testing" },
  { page: "inspector", module: "@dormouse/do-runtime/inspector", source: "do-runtime/src/inspector" },
  { page: "client", module: "@dormouse/do-runtime/client", source: "do-runtime/src/client" },
].filter(({ source }) => existsSync(sourceFile(source)));
const app = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: entries.map(({ source }) => sourceFile(source)),
  tsconfig: here("tsconfig.json"),
  name: "API reference",
  readme: "none",
  groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "*"],
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  // Lines move with every commit; the names are enough to find the source.
  disableSources: true,
  outputs: [{ name: "markdown", path: here("../../../docs/api") }],
  outputFileStrategy: "modules",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  pageTitleTemplates: {
    module: ({ name }) => entries.find(({ page }) => page === name)?.module ?? name,
  },
  useCodeBlocks: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true, hideModifiers: true },
  validation: { notExported: false, invalidLink: true },
  treatWarningsAsErrors: false,
});
const project = await app.convert();
if (!project) process.exit(1);
for (const reflection of project.children ?? []) {
  reflection.name = entries.find(({ source }) => source === reflection.name)?.page ?? reflection.name;
}
// The plugin leaves out what is said of the members of a union of strings.
for (const { comment, type } of project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
  if (type?.type !== "union" || !type.elementSummaries) continue;
  for (const [index, summary] of type.elementSummaries.entries()) {
    comment?.summary.push(
      { kind: "text", text: `${index === 0 ? "\n" : ""}\n- \`${type.types[index]}\`: ` },
      ...summary,
    );
  }
}
await app.generateOutputs(project);
// The plugin counts some headings twice, and links to the second: where there is one only, its anchor has no number.
const pathOf = (page) => here(`../../../docs/api/${page}.md`);
const anchors = new Map(entries.map(({ page }) => [page, anchorsOf(readFileSync(pathOf(page), "utf8"))]));
for (const { page } of entries) {
  writeFileSync(
    pathOf(page),
    readFileSync(pathOf(page), "utf8").replaceAll(
      /\]\((?:([\w-]+)\.md)?#([\w-]+)-1\)/g,
      (link, other = page, anchor = "") =>
        anchors.get(other)?.has(`${anchor}-1`) === false ? link.replace(/-1\)$/, ")") : link,
    ),
  );
}
// The plugin's list has the pages' names only.
const linesOf = entries.map(({ page, module }) => {
  const functions = readFileSync(here(`../../../docs/api/${page}.md`), "utf8").matchAll(/^### (\w+)\(\)$/gm);
  const links = [...functions].map(([, name]) => `[${name}](${page}.md#${name.toLowerCase()})`);
  return `- [\`${module}\`](${page}.md): ${links.join(", ")}\n`;
});
writeFileSync(here("../../../docs/api/README.md"), `# API reference\n\n${linesOf.join("")}`);
process.exit(app.logger.hasErrors() ? 1 : 0);
