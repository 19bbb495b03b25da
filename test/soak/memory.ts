// Watches workerd's memory from outside while the soak test runs, and fails the run when it keeps growing.
import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_EVERY_MS = 1000;
/** The isolates' heaps grow and shrink by collection; a leak of one kilobyte a message would add far more than this in a minute. */
const MAX_GROWTH_MIB = 150;

interface ProcessEntry {
  readonly pid: string;
  readonly parent: string;
  readonly name: string;
  readonly residentMib: number;
}

function processes(): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "";
        return [
          { pid, parent: field("PPid"), name: field("Name"), residentMib: Number(field("VmRSS")) / 1024 },
        ];
      } catch {
        // It ended between the two reads.
        return [];
      }
    });
}

/** The resident memory of this run's workerd processes, in MiB. */
function residentMib(): number {
  const all = processes();
  const ours = new Set([String(process.pid)]);
  for (let size = 0; size !== ours.size;) {
    size = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  return all
    .filter(({ pid, name }) => ours.has(pid) && name === "workerd")
    .reduce((sum, entry) => sum + entry.residentMib, 0);
}

const average = (part: readonly number[]) =>
  part.reduce((sum, sample) => sum + sample, 0) / Math.max(1, part.length);

export default function setup(): () => void {
  const samples: number[] = [];
  const timer = setInterval(() => {
    const sample = residentMib();
    if (sample > 0) samples.push(sample);
  }, SAMPLE_EVERY_MS);
  return () => {
    clearInterval(timer);
    // The first third is warming up: two hundred objects come to life, code is compiled.
    const third = Math.floor(samples.length / 3);
    const growth = average(samples.slice(-third)) - average(samples.slice(third, 2 * third));
    console.log(
      `workerd's memory: ${average(samples.slice(third, 2 * third)).toFixed(0)} MiB in the second third, ` +
        `${average(samples.slice(-third)).toFixed(0)} in the last, ${Math.max(...samples).toFixed(0)} at most`,
    );
    if (growth > MAX_GROWTH_MIB) throw new Error(`workerd's memory grew by ${growth.toFixed(0)} MiB`);
  };
}
