import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const specs = ["packages/reactive/SPEC.md", "packages/do-runtime/SPEC.md"];
const ruleLine = /^\s*(?:[-*]\s+)?\*\*([A-Z]\d+[a-z]?)\*\*/gm;
const testName = /\b(?:it|test|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*["'`]((?:\[[A-Z]\d+[a-z]?\]\s*)+)/g;

const rules = specs.flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(ruleLine)].map((match) => match[1] as string),
);
const tested = new Map<string, string>();
for (const file of globSync("test/**/*.test.ts")) {
  for (const match of readFileSync(file, "utf8").matchAll(testName)) {
    for (const id of (match[1] as string).matchAll(/[A-Z]\d+[a-z]?/g)) tested.set(id[0], file);
  }
}

describe("the specification", () => {
  it("numbers every rule once", () => {
    expect(rules).toEqual([...new Set(rules)]);
    expect(rules.length).toBeGreaterThan(0);
  });

  it("has a test for every rule", () => {
    expect(rules.filter((id) => !tested.has(id))).toEqual([]);
  });

  it("knows every rule that a test names", () => {
    expect([...tested].filter(([id]) => !rules.includes(id))).toEqual([]);
  });
});
