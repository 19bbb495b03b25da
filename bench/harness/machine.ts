// Where and when a number was measured.
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export interface Provenance {
  readonly command: string;
  /** ISO date of the run's start. */
  readonly date: string;
  /** The commit, with "+ changes" if the tree was not clean. */
  readonly commit: string;
  readonly node: string;
  readonly machine: string;
}

/** Of `npm run <script>`, with the arguments of this process. */
export function provenance(script: string): Provenance {
  const processors = cpus();
  const flags = process.argv.slice(2);
  return {
    command: ["npm run", script, ...(flags.length > 0 ? ["--", ...flags] : [])].join(" "),
    date: new Date().toISOString(),
    commit: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "-uno") === "" ? "" : " + changes"}`,
    node: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${process.arch}`,
  };
}

function git(...args: string[]): string {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}
