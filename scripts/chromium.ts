// A real Chromium for tests: found, or installed where that is allowed, and launched on a new
// profile.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/**
 * Nothing that a test does not ask for: no sandbox (containers have none), no traffic of the
 * browser's own.
 */
const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Launches Chromium on a new, empty profile, which is deleted when the browser is closed. Pages of
 * one `newContext()` are tabs of one person; two contexts share nothing.
 */
export async function launchChromium(): Promise<Browser> {
  if (!existsSync(executablePath)) installChromium();
  return chromium.launch({ executablePath, args });
}

function installChromium(): void {
  try {
    if (process.getuid?.() !== 0) throw new TypeError("not root");
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "chromium"], { stdio: "ignore" });
  } catch (cause) {
    const message =
      `These tests need Chromium at ${executablePath}, and it could not be installed. ` +
      "Install it with: sudo apt-get install chromium";
    throw new TypeError(message, { cause });
  }
}
