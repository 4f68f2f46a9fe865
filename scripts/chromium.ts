// A real Chromium for tests, launched on a new profile: the one without windows, which draws the same pages at half the
// price.
import { type Browser, chromium } from "playwright-core";
import { installProgram } from "./debian-packages.ts";

const executablePath = "/usr/bin/chromium-headless-shell";

/**
 * Nothing that a test does not ask for: no sandbox (containers have none), no traffic of the
 * browser's own.
 */
const args = [
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
  installProgram({ package: "chromium-headless-shell", path: executablePath });
  return chromium.launch({ executablePath, args });
}
