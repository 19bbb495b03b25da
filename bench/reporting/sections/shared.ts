// What several sections need.
import type { Provenance } from "../../harness/machine.ts";
import { dotChart, type Point, type Series } from "../chart.ts";
import type { Block } from "../document.ts";

export function origin(
  part: { readonly origin: Provenance; readonly quick: boolean },
  samples: string,
): Block {
  const { command, date, commit, machine, node } = part.origin;
  const how = part.quick ? "quick run" : "full run";
  return {
    kind: "origin",
    text: `\`${command}\`, ${date.slice(0, 16).replace("T", " ")} UTC, commit ${commit}, ${machine}, ${node}; ${how}, ${samples}.`,
  };
}

/** What else was installed, and in which versions. */
export function versions(peers: Readonly<Record<string, string>>): Block {
  const all = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return { kind: "origin", text: `Compared with ${all.join(", ")}.` };
}

/** A dot chart as a block. */
export function chart(
  name: string,
  title: string,
  options: { axis: string; series: readonly Series[]; points: readonly Point[]; reference?: number },
): Block {
  return { kind: "chart", name, title, svg: dotChart({ title, ...options }) };
}
