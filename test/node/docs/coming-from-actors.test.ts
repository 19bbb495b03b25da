// `@cloudflare/actors` isn't installed here, but what docs/coming-from.md shows of it is a program: it runs on a stand-in of the same shape.
import { build } from "esbuild";
import { expect, it } from "vitest";

const standIn = `
  export const written = [];
  export class Actor {}
  export function Persist(_target, { name, addInitializer }) {
    addInitializer(function () {
      let held = this[name];
      const set = (value) => { written.push([name, value]); held = value; };
      Object.defineProperty(this, name, { get: () => held, set });
    });
  }`;

interface Program {
  Counter: new () => { visit(): Promise<number> };
  written: unknown[];
}

it("the counter of @cloudflare/actors counts", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `export * from "./coming-from-actors.ts"; export { written } from "@cloudflare/actors";`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    plugins: [
      {
        name: "stand-in",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^@cloudflare\/actors$/ }, () => ({ path: "actors", namespace: "stand-in" }));
          onLoad({ filter: /^actors$/, namespace: "stand-in" }, () => ({ contents: standIn }));
        },
      },
    ],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  const program = (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as Program;
  const counter = new program.Counter();

  expect([await counter.visit(), await counter.visit()]).toEqual([1, 2]);
  expect(program.written).toEqual([
    ["visits", 1],
    ["visits", 2],
  ]);
});
