import { batch, effect } from "@preact/signals-core";
import { deepSignal } from "deepsignal/core";
import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "deepsignal",
  reactive: (raw) => deepSignal(raw),
  effect: (run) => effect(run),
  batch: (run) => batch(run),
  access: plainAccess,
};
