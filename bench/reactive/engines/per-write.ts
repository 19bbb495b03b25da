// The model of the per-write engine over a storage that does nothing, deep and shallow: the price of its proxies and of
// serializing, without that of storing.
import { wrapPerWrite } from "../../writes/stores/per-write.ts";
import type { State } from "../../writes/workload.ts";
import { plainAccess, type Engine } from "../engine.ts";

const nowhere = { put: async () => {}, delete: async () => true };

function perWrite(shallow: boolean): Engine {
  return {
    name: shallow ? "per-write-shallow" : "per-write",
    reactive: (raw) => wrapPerWrite(raw as State, nowhere, { keys: Object.keys(raw), shallow }) as typeof raw,
    batch: (run) => run(),
    access: plainAccess,
  };
}

export const deep = perWrite(false);
export const shallow = perWrite(true);
