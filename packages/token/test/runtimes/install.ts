/** Installs a runtime from npm into a folder of its own, once. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { Runtime } from "./runtimes.ts";

const run = promisify(execFile);

/** The path of the runtime's binary, under `cache`. */
export async function install(runtime: Runtime, cache: string): Promise<string> {
  const folder = resolve(cache, `${runtime.name}-${runtime.version}`);
  const binary = resolve(folder, "node_modules/.bin", runtime.binary);
  if (existsSync(binary)) return binary;
  await mkdir(folder, { recursive: true });
  // These packages fetch or place their binary when they are installed.
  const manifest = { private: true, allowScripts: { [runtime.package]: true } };
  await writeFile(resolve(folder, "package.json"), JSON.stringify(manifest));
  const what = `${runtime.package}@${runtime.version}`;
  await run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", what], { cwd: folder });
  return binary;
}
