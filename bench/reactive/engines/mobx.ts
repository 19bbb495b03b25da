import { autorun, configure, observable, runInAction } from "mobx";
import { plainAccess, type Engine } from "../engine.ts";

// Writes outside actions would each print a warning.
configure({ enforceActions: "never" });

export const engine: Engine = {
  name: "mobx",
  reactive: (raw) => observable(raw),
  effect: (run) => autorun(run),
  batch: (run) => runInAction(run),
  access: plainAccess,
};
