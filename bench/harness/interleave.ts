// What takes turns with its rivals, timed by tinybench.
import { Bench } from "tinybench";

export interface InterleavedTask {
  readonly name: string;
  /** Measurements a round. Default: 1. */
  readonly iterations?: number;
  /** Before and after its measurements of a round; not timed. */
  before?(): Promise<void>;
  after?(): Promise<void>;
  /** Before each measurement; not timed. */
  beforeEach?(): Promise<void>;
  /** What is timed; or, where it measures itself, milliseconds. */
  run(): Promise<number | void>;
}

/**
 * Milliseconds of each measurement, by task. tinybench runs its tasks one after the other to the end; so each round is a run of its
 * own, and a busy minute of the machine falls on all of them.
 */
export async function interleave(
  tasks: readonly InterleavedTask[],
  rounds: number,
  onTask: (round: number, name: string) => void = () => {},
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(tasks.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) {
      onTask(round, task.name);
      const bench = new Bench({
        iterations: task.iterations ?? 1,
        time: 0,
        warmup: false,
        throws: true,
        retainSamples: true,
      });
      const timed = async () => {
        const measured = await task.run();
        return measured === undefined ? undefined : { overriddenDuration: measured };
      };
      bench.add(task.name, timed, {
        async: true,
        ...(task.before && { beforeAll: () => task.before?.() }),
        ...(task.after && { afterAll: () => task.after?.() }),
        ...(task.beforeEach && { beforeEach: () => task.beforeEach?.() }),
      });
      const [ran] = await bench.run();
      if (ran?.result.state !== "completed")
        throw new Error(`[bench] ${task.name} ended as ${ran?.result.state ?? "nothing"}`);
      times.get(task.name)?.push(...(ran.result.latency.samples ?? []));
    }
  }
  return times;
}
