import type { Workload } from "../workload.ts";
import { counterWorkloads, equalValues } from "./counters.ts";
import { boards, collections, histories, profile, sizes } from "./records.ts";
import { chatSession, documentEditor, game } from "./traces.ts";

/** Every workload, in the order of the report. */
export const WORKLOADS: readonly Workload[] = [
  ...counterWorkloads,
  equalValues,
  profile,
  ...histories,
  ...boards,
  collections,
  ...sizes,
  chatSession,
  documentEditor,
  game,
];

export function findWorkload(name: string): Workload {
  const workload = WORKLOADS.find((candidate) => candidate.name === name);
  if (!workload)
    throw new Error(
      `[bench] no workload "${name}"; there are ${WORKLOADS.map(({ name }) => name).join(", ")}`,
    );
  return workload;
}
