// The standalone package has no public batch: its users give effects a scheduler, as Vue's own renderer does.
import { effect, reactive } from "@vue/reactivity";
import { plainAccess, type Engine } from "../engine.ts";

let batching = false;
const queue = new Set<() => void>();

export const engine: Engine = {
  name: "vue",
  reactive: (raw) => reactive(raw),
  effect(run) {
    const runner: ReturnType<typeof effect> = effect(run, {
      scheduler() {
        if (batching) queue.add(runner);
        else runner();
      },
    });
    return () => runner.effect.stop();
  },
  batch(run) {
    batching = true;
    try {
      run();
    } finally {
      batching = false;
      const queued = [...queue];
      queue.clear();
      for (const rerun of queued) rerun();
    }
  },
  access: plainAccess,
};
