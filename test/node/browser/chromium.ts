import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts the machine's Chromium without a window; fails, and says how to get one, where there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? places.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error(
      `the client's tests need Chromium, and none was found (looked for ${places.join(", ")}); run scripts/install-chromium.sh, or set CHROMIUM to its path`,
    );
  }
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
