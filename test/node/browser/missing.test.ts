import { expect, it, onTestFinished, vi } from "vitest";
import { launchBrowser } from "../support/browser.ts";

it("a missing browser fails with the command that installs one", async () => {
  vi.stubEnv("CHROMIUM_PATH", "/nowhere/chromium");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  await expect(launchBrowser()).rejects.toThrow(
    "no Chromium found (CHROMIUM_PATH=/nowhere/chromium); install it with: sh scripts/install-chromium.sh",
  );
});
