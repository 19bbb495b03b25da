import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("docs/connections-and-rooms.md lists the error codes of the wire, and the reference explains each", () => {
  const source = readFileSync("packages/do-runtime/src/protocol.ts", "utf8");
  const codes = [...source.matchAll(/^\s+\| "([A-Z_]+)"/gm)].map(([, code]) => code);
  const [list = ""] =
    /^The codes:[^]*?\.\n/m.exec(readFileSync("docs/connections-and-rooms.md", "utf8")) ?? [];

  const reference = readFileSync("docs/api/do-runtime.md", "utf8");
  const explained = [...reference.matchAll(/^- `"([A-Z_]+)"`: \w/gm)].map(([, code]) => code);

  expect(explained).toEqual(expect.arrayContaining(codes));
  expect([...list.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code).toSorted()).toEqual(codes.toSorted());
});
