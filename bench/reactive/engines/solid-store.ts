import { batch, createComputed, createRoot } from "solid-js";
import { createMutable } from "solid-js/store";
import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "solid-store",
  reactive: (raw) => createMutable(raw),
  effect: (run) =>
    createRoot((dispose) => {
      createComputed(run);
      return dispose;
    }),
  batch: (run) => batch(run),
  access: plainAccess,
};
