import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../packages/packed.ts";

/** What a start that fails prints. */
const start = (example: string, env: NodeJS.ProcessEnv = {}) =>
  new Promise<string>((resolve, reject) => {
    const options = { cwd: root, env: { ...process.env, ...env } };
    execFile(process.execPath, ["scripts/start.mjs", example], options, (error, stdout, stderr) => {
      if (error?.code === 1) resolve(stdout + stderr);
      else reject(error ?? new Error("it started"));
    });
  });

describe("npm start", () => {
  let busy: Server;
  beforeAll(async () => {
    busy = createServer();
    await new Promise<void>((resolve) => {
      busy.listen(0, "127.0.0.1", resolve);
    });
  });
  afterAll(() => {
    busy.close();
  });

  it("names the examples that there are, where it is asked for another", async () => {
    expect(await start("tetris")).toBe(
      'There is no example "tetris"; there are board, chat, contract, counter, migration.\n',
    );
  });

  it("says how to take another port, where it doesn't get the one", { timeout: 30_000 }, async () => {
    const { port } = busy.address() as AddressInfo;

    expect(await start("counter", { PORT: String(port) })).toContain(
      `dormouse: it did not start at port ${port}; for another one, PORT=${port + 1} npm start counter`,
    );
  });
});
