import { batch, effect, reactive, trackDirty } from "@dormouse/reactive";
import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "dormouse",
  reactive: (raw) => reactive(raw),
  effect: (run) => effect(run),
  batch: (run) => batch(run),
  trackDirty: (root) => trackDirty(root, { shallow: false }),
  access: plainAccess,
};
