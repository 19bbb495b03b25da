/** Runs the garbage collector until `isDone`, at most 20 times. The node project starts with --expose-gc. */
export async function collectUntil(isDone: () => boolean): Promise<boolean> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined)
    throw new Error("[test] there is no gc(); run vitest with --expose-gc, as vitest.config.ts does");
  for (let round = 0; round < 20; round++) {
    // To look at a WeakRef keeps its object alive until the job ends, so each round collects before it looks, in a job of its own.
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
    if (isDone()) return true;
  }
  return false;
}
