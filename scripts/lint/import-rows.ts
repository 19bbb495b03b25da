// A plugin of the linter: imports go down the rows of docs/architecture.md, or stay in a row.
import { readFileSync } from "node:fs";
import { posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The table's rows, from the top: a package, and patterns of its modules. */
export const rows = [
  ...readFileSync(`${root}docs/architecture.md`, "utf8").matchAll(/^\| ([\w-]+) \| (.+?) \| .+ \|$/gm),
]
  .map(([, name, modules = ""]) => ({
    name,
    modules: [...modules.matchAll(/`([^`]+)`/g)].map(([, pattern = ""]) => pattern),
  }))
  .filter(({ modules }) => modules.length > 0);

/** The number of a module's row, or -1. */
export const rowOf = (name: string, module: string): number =>
  rows.findIndex(
    (row) => row.name === name && row.modules.some((pattern) => posix.matchesGlob(module, pattern)),
  );

interface ImportNode {
  readonly source?: { readonly value?: unknown } | null;
}

/** The part of the linter's context that is used here. */
export interface RuleContext {
  readonly filename: string;
  report(found: { readonly node: ImportNode; readonly message: string }): void;
}

export const importRows = {
  create(context: RuleContext): Record<string, (node: ImportNode) => void> {
    const file = relative(root, context.filename).split(sep).join("/");
    const [, name, from] = /^packages\/([^/]+)\/src\/(.+)\.ts$/.exec(file) ?? [];
    if (name === undefined || from === undefined) return {};
    const row = rowOf(name, from);
    const check = (node: ImportNode) => {
      const specifier = node.source?.value;
      if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
      const to = posix.join(posix.dirname(from), specifier).replace(/\.[jt]s$/, "");
      if (row <= rowOf(name, to)) return;
      const message = `"${to}" stands above "${from}" in docs/architecture.md, and imports go down its rows; move what is needed below`;
      context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

// The linter takes a plugin as the default export.
export default { meta: { name: "dormouse" }, rules: { "import-rows": importRows } };
