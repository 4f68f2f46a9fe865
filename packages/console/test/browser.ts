// A browser for the tests: Debian's Chromium, or another one that CHROMIUM names.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const usualPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @throws TypeError that says what to do, where there is none and none can be installed */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium() ?? installChromium();
  // Root has no sandbox of its own to be put into.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}

function findChromium(): string | undefined {
  const { CHROMIUM: named } = process.env;
  return [named, ...usualPaths].find((path) => path !== undefined && existsSync(path));
}

function installChromium(): string {
  if (process.getuid?.() === 0) {
    const command = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium";
    spawnSync("sh", ["-c", command], { stdio: "ignore", timeout: 300_000 });
  }
  const found = findChromium();
  if (found !== undefined) return found;
  throw new TypeError(
    "The tests of the console need Chromium. Install it (on Debian: apt-get install chromium), or name it: CHROMIUM=/path/to/chromium",
  );
}
