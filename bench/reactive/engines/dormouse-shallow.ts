import { batch, effect, shallowReactive } from "@dormouse/reactive";
import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "dormouse-shallow",
  reactive: (raw) => shallowReactive(raw),
  effect: (run) => effect(run),
  batch: (run) => batch(run),
  access: plainAccess,
};
