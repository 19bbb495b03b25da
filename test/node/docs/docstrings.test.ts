// Every docstring's example is code that a test runs: the regions below and those of test/workerd/docs/docstrings*.ts.
import { globSync, readFileSync } from "node:fs";
import { createClient } from "@dormouse/do-runtime/client";
import { renderInspection } from "@dormouse/do-runtime/inspector";
import { expect, it } from "vitest";
import { regionsOf, sourceOf } from "../../../scripts/docs/blocks.ts";

const tested = [
  "test/node/docs/docstrings-reactive.test.ts",
  "test/node/docs/docstrings.test.ts",
  "test/workerd/docs/docstrings.test.ts",
  "test/workerd/docs/docstrings.ts",
];

/** The examples of the docstrings, by the name of what they are about. */
const examples = globSync("packages/*/src/**/*.ts").flatMap((file) =>
  [...readFileSync(file, "utf8").matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export (?:async )?\w+ (\w+)/g)]
    .filter(([, comment = ""]) => /@example|```ts/.test(comment))
    .map(([, comment = "", name = ""]) => ({ name, example: codeOf(comment) })),
);

/** Comments have less room than code: lines are compared without their indentation and their breaks. */
const compact = (code: string) => code.replaceAll(/\s+/g, "");

/** What stands between fences, else below `@example`. */
function codeOf(comment: string): string {
  const text = comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n");
  return /```ts\n([^]*?)```/.exec(text)?.[1] ?? text.split("@example")[1] ?? "";
}

/** Answers as an object does that is inspected. */
const serveInspection = async (path: string) =>
  Response.json({
    name: path,
    userId: "ann",
    sockets: 1,
    room: null,
    wokeAt: 0,
    now: 1,
    persistedKeys: ["count"],
    dirtyKeys: [],
    unsaved: [],
    stats: { flushes: 0, puts: 0, keys: 0, rows: 0, failures: 0, bytes: 0 },
    state: { count: 7 },
    flushes: [],
  });

it("every docstring's example is tested, as it stands there", () => {
  const regions = tested.flatMap((file) =>
    regionsOf(".", file).map((name) => [name, sourceOf(".", `${file}#${name}`)]),
  );
  const byName = new Map(regions.map(([name = "", text = ""]) => [name, compact(text)]));

  expect(examples.map(({ name }) => name).toSorted()).toEqual([...byName.keys()].toSorted());
  expect(examples.filter(({ name, example }) => byName.get(name) !== compact(example))).toEqual([]);
});

it("createClient", async () => {
  // #region createClient
  const client = createClient("wss://example.com/ws?userId=ada");
  client.on<{ text: string }>("message", ({ text }) => console.log(text));
  client.emit("message", { text: "hello" });
  // #endregion
  const before = client.status;
  client.close();

  expect([before, client.status]).toEqual(["connecting", "closed"]);
});

it("renderInspection", async () => {
  const panel = { innerHTML: "" };
  const fetch = serveInspection;
  // #region renderInspection
  const inspection = await (await fetch("/ws/inspect?userId=ann")).json();
  panel.innerHTML = renderInspection(inspection);
  // #endregion
  expect(panel.innerHTML).toContain("count");
});
