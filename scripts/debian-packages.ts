// Debian's packages that tests run for real: found, or installed where that is allowed.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export interface DebianProgram {
  readonly package: string;
  /** Where the package puts it, as an absolute path. */
  readonly path: string;
}

/**
 * Sees to it that a program is there. Test files run side by side and apt lets only one in at a time, so they take turns;
 * whoever waited finds it installed.
 *
 * @throws TypeError that says what to do, when it is missing and cannot be installed
 */
export function installProgram({ package: name, path }: DebianProgram): void {
  if (existsSync(path)) return;
  try {
    if (process.getuid?.() !== 0) throw new TypeError("only root may install packages");
    const install = `test -e ${path} || (apt-get update && apt-get install -y --no-install-recommends ${name})`;
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    process.stderr.write(`installing Debian's ${name}, which these tests need\n`);
    execFileSync("flock", ["--timeout", "300", "/tmp/countersign-apt.lock", "sh", "-c", install], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 300_000,
      env,
    });
  } catch (cause) {
    const message =
      `These tests need ${path}, and it could not be installed. ` +
      `Install it with: sudo apt-get install ${name}`;
    throw new TypeError(message, { cause });
  }
}
