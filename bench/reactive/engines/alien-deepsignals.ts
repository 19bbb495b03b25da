import { batch, deepSignal, effect } from "alien-deepsignals";
import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "alien-deepsignals",
  reactive: (raw) => deepSignal(raw),
  effect(run) {
    const running = effect(run);
    return () => running.stop();
  },
  batch: (run) => batch(run),
  access: plainAccess,
};
