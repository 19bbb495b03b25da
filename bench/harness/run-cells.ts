// Runs each cell in a process of its own, with progress on the terminal.
import { execFile } from "node:child_process";
import { progress } from "./progress.ts";

export interface CellJob {
  readonly label: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly flags: readonly string[];
}

export interface CellOutcome<Result> {
  readonly job: CellJob;
  readonly outcome: { ok: true; result: Result } | { ok: false; error: string };
}

const TIMEOUT_MS = 120_000;

/**
 * Runs every job, `parallel` at a time; a job that fails is an outcome, not an end. Those of a group, which are compared, run one after the other,
 * so that a machine that is slow for minutes is slow for all of them; the groups, and the jobs in each, in a shuffled order.
 */
export async function runCells<Result>(
  groups: readonly (readonly CellJob[])[],
  options: { parallel: number },
): Promise<CellOutcome<Result>[]> {
  const queue = shuffle([...groups]).flatMap((group) => shuffle([...group]));
  const count = queue.length;
  const outcomes: CellOutcome<Result>[] = [];
  const worker = async () => {
    for (let job = queue.pop(); job !== undefined; job = queue.pop()) {
      outcomes.push({ job, outcome: await runCell<Result>(job) });
      progress(`${outcomes.length}/${count} ${job.label}`);
      const tenth = Math.ceil(count / 10);
      if (!process.stderr.isTTY && outcomes.length % tenth === 0)
        console.error(`${outcomes.length}/${count} cells`);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  progress("");
  return outcomes;
}

function runCell<Result>(job: CellJob): Promise<CellOutcome<Result>["outcome"]> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--expose-gc", "--single-threaded-gc", "--no-warnings", ...job.flags, job.script, ...job.args],
      { env: { ...process.env, NODE_ENV: "production" }, timeout: TIMEOUT_MS, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (error) resolve({ ok: false, error: firstError(stderr) || error.message });
        else resolve({ ok: true, result: JSON.parse(stdout) as Result });
      },
    );
  });
}

function firstError(stderr: string): string {
  return (
    stderr
      .split("\n")
      .find((line) => /^\w*Error\b/.test(line))
      ?.trim() ?? stderr.trim().slice(0, 200)
  );
}

function shuffle<T>(values: T[]): T[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [values[i], values[j]] = [values[j] as T, values[i] as T];
  }
  return values;
}
