import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { blocksOf } from "../../../scripts/docs/blocks.ts";
import { freePort } from "../support/local-worker.ts";
import { installedVersion, root } from "../packages/packed.ts";

const page = "docs/getting-started.md";
const markdown = readFileSync(join(root, page), "utf8");
const lines = markdown.split("\n");
const blocks = blocksOf(page, markdown);
const shell = blocks.filter(({ language }) => language === "sh").map(({ text }) => text);
const [packing, project, start, ask] = shell as [string, string, string, string];
const [tsconfig] = blocks.filter(({ language }) => language === "json").map(({ text }) => text);
const [printed] = blocks.filter(({ language }) => language === "text").map(({ text }) => text);

const home = mkdtempSync(join(tmpdir(), "dormouse-getting-started-"));
const npm = (key: string) =>
  execFileSync("npm", ["config", "get", key], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
// A home of its own, since the page works in "~"; npm keeps its settings and its cache.
const env = {
  ...process.env,
  npm_config_cache: npm("cache"),
  npm_config_userconfig: npm("userconfig"),
  npm_config_prefer_offline: "true",
  HOME: home,
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
const run = (commands: string, cwd: string) =>
  execFileSync("bash", ["-euc", commands], { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let server: ChildProcess | undefined;
const port = await freePort();

async function started(folder: string): Promise<void> {
  const wrangler = spawn("bash", ["-c", `exec ${start} --port ${port}`], {
    cwd: folder,
    env,
    detached: true,
  });
  server = wrangler;
  let output = "";
  await new Promise<void>((resolve, reject) => {
    wrangler.on("exit", () => reject(new Error(`wrangler ended:\n${output}`)));
    for (const stream of [wrangler.stdout, wrangler.stderr]) {
      stream.on("data", (chunk) => {
        output += String(chunk);
        if (output.includes("Ready on")) resolve();
      });
    }
  });
}

async function stopped(): Promise<void> {
  const wrangler = server;
  server = undefined;
  if (wrangler?.pid === undefined) return;
  const ended = new Promise((resolve) => wrangler.once("exit", resolve));
  // What Ctrl+C does: the signal goes to the whole group.
  process.kill(-wrangler.pid, "SIGINT");
  await ended;
}

afterAll(async () => {
  await stopped();
  rmSync(home, { recursive: true, force: true });
});

describe(page, () => {
  it("names the tools that this repository is tested with", () => {
    expect(project).toContain(`wrangler@${installedVersion("wrangler")}`);
  });

  it("leads, word by word, to a Worker that remembers", { timeout: 120_000 }, async () => {
    run(`${packing}\n${project}`, root);
    const folder = join(home, "my-counter");
    for (const { line, text } of blocks.filter(({ file }) => file)) {
      // The file's name stands in the last line before the block.
      const name = /`([^`]+)`:$/.exec(lines[line - 3] ?? "")?.[1] ?? "";
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const asked = ask.replaceAll("8787", String(port));

    await started(folder);
    expect(run(asked, folder).trim()).toBe(printed);
    await stopped();
    await started(folder);
    expect(run(asked.split("\n")[0] ?? "", folder)).toBe("visits: 3\n");

    writeFileSync(join(folder, "tsconfig.json"), tsconfig ?? "");
    // The other pages' programs import their own files like this.
    writeFileSync(join(folder, "src/again.ts"), 'export { Counter } from "./index.ts";\n');
    run("npx wrangler types", folder);
    expect(run(`${join(root, "node_modules/.bin/tsc")} -p .`, folder)).toBe("");
  });

  it("and docs/testing.md to tests of it", { timeout: 120_000 }, () => {
    const folder = join(home, "my-counter");
    const testing = readFileSync(join(root, "docs/testing.md"), "utf8");
    const [, inWorkerd = ""] = testing.split("## In workerd");
    const shown = blocksOf("docs/testing.md", `## In workerd${inWorkerd}`);
    const [install = "", test = ""] = shown
      .filter(({ language }) => language === "sh")
      .map(({ text }) => text);
    const [config = "", example = ""] = shown
      .filter(({ language }) => language === "ts")
      .map(({ text }) => text);
    const [, types = ""] = /`("types": \[.*?\])`/.exec(inWorkerd) ?? [];

    run(install, folder);
    mkdirSync(join(folder, "test"));
    writeFileSync(join(folder, "vitest.config.mts"), config);
    writeFileSync(join(folder, "test/counter.test.ts"), example);
    const typed = (tsconfig ?? "").replace('"types": []', types).replace('"src",', '"src", "test",');
    writeFileSync(join(folder, "tsconfig.json"), typed);

    expect(install).toContain(`vitest@${installedVersion("vitest")}`);
    expect(install).toContain(`@cloudflare/vitest-plugin@${installedVersion("@cloudflare/vitest-plugin")}`);
    expect(run(test, folder)).toMatch(/Tests .*1 passed/);
    expect(run(`${join(root, "node_modules/.bin/tsc")} -p .`, folder)).toBe("");
  });
});
