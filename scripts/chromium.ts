// A real Chromium for tests, launched on a new profile.
import { type Browser, chromium } from "playwright-core";
import { installProgram } from "./debian-packages.ts";

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
  installProgram({ package: "chromium", path: executablePath });
  return chromium.launch({ executablePath, args });
}
