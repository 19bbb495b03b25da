import { spawn } from "node:child_process";
import { createServer } from "node:net";

export interface LocalWorker {
  url: string;
  /** Ends the whole process group at once, as a power cut would. */
  kill(): Promise<void>;
}

/**
 * A port that nobody listens on. Not one that the system gives: those go to whoever asks next, as workerd does for its own sockets, before the
 * server that is to have it listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) {
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
  return listens;
}

/** Starts an example as `npm start` does, on a port of its own, with its data in `dataDir`. */
export async function startLocalWorker(example: string, dataDir: string): Promise<LocalWorker> {
  const port = await freePort();
  const child = spawn(process.execPath, ["scripts/start.mjs", example], {
    detached: true,
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += String(chunk);
      if (output.includes("Ready on")) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void exited.then(() =>
      reject(new Error(`the example "${example}" ended before it was ready:\n${output}`)),
    );
  });

  return {
    url: `http://127.0.0.1:${port}`,
    async kill() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      process.kill(-child.pid, "SIGKILL");
      await exited;
    },
  };
}
