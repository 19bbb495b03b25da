import { describe, expect, it } from "vitest";
import { engine as ours } from "../../../bench/reactive/engines/dormouse.ts";
import { engine as shallow } from "../../../bench/reactive/engines/dormouse-shallow.ts";
import { engine as bareProxy } from "../../../bench/reactive/engines/bare-proxy.ts";
import { engine as plain } from "../../../bench/reactive/engines/plain.ts";
import { ENGINES, findEngine, reasonToSkip } from "../../../bench/reactive/engines/registry.ts";
import { pollute } from "../../../bench/reactive/pollute.ts";
import { TARGETS } from "../../../bench/reactive/targets.ts";
import { WORKS } from "../../../bench/reactive/works/index.ts";

const timed = WORKS.filter((work) => work.kind === "time");

// The peers are not installed here; their cells are checked by the same code at each run of the benchmark.
describe.each([ours, shallow, bareProxy, plain])("$name", (engine) => {
  const entry = findEngine(engine.name);

  it("survives the shapes that pollute the caches", () => {
    expect(() =>
      pollute(engine, { arrays: true, collections: !("map-iterate" in entry.lacks) }),
    ).not.toThrow();
  });

  it.each(timed.filter((work) => reasonToSkip(entry, work.name) === undefined))(
    "does what $name says",
    (work) => {
      expect(() => work.setup(engine).check()).not.toThrow();
    },
  );
});

describe("the table", () => {
  const names = WORKS.map((work) => work.name);

  it("has each work once", () => {
    expect(new Set(names).size).toBe(names.length);
  });

  it("names only works that exist where an engine lacks one", () => {
    const lacking = ENGINES.flatMap((engine) => Object.keys(engine.lacks));

    expect(lacking.filter((name) => !names.includes(name))).toEqual([]);
  });

  it("sets targets only for works that exist", () => {
    // The cost of marking is a difference of two works.
    const works = TARGETS.map((target) => target.work).filter((name) => name !== "dirty-mark");

    expect(works.filter((name) => !names.includes(name))).toEqual([]);
  });
});
