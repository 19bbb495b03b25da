import { plainAccess, type Engine } from "../engine.ts";

export const engine: Engine = {
  name: "plain",
  reactive: (raw) => raw,
  batch: (run) => run(),
  access: plainAccess,
};
