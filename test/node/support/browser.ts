import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

function findChromium(): string {
  const given = process.env["CHROMIUM_PATH"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates =
    given === undefined ? folders.flatMap((folder) => NAMES.map((name) => join(folder, name))) : [given];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new Error(
    `no Chromium found (${given === undefined ? `${NAMES.join(", ")} in PATH` : `CHROMIUM_PATH=${given}`}); install it with: sh scripts/install-chromium.sh`,
  );
}

/** A headless Chromium, from CHROMIUM_PATH or else from the PATH; fails with the command that installs one. */
export async function launchBrowser(): Promise<Browser> {
  // No sandbox: containers and root rarely allow it, and only our own pages are opened.
  return chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
}
