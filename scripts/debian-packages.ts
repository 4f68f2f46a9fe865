// Debian's packages that tests run for real: found, or installed where that is allowed.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export interface DebianProgram {
  readonly package: string;
  /** Where the package puts it, as an absolute path. */
  readonly path: string;
}

/**
 * Sees to it that a program is there. Whoever waited for others finds it installed.
 *
 * @throws TypeError that says what to do, when it is missing and cannot be installed
 */
export function installProgram({ package: name, path }: DebianProgram): void {
  if (existsSync(path)) return;
  try {
    if (process.getuid?.() !== 0) throw new TypeError("only root may install packages");
    process.stderr.write(`installing Debian's ${name}, which these tests need\n`);
    runInTurn(`test -e ${path} || (apt-get update && apt-get install -y --no-install-recommends ${name})`);
  } catch (cause) {
    const message =
      `These tests need ${path}, and it could not be installed. ` +
      `Install it with: sudo apt-get install ${name}`;
    throw new TypeError(message, { cause });
  }
}

/**
 * Unpacks packages into a folder, without installing them. `packages` are names, or what a shell makes names of.
 *
 * @throws TypeError that says what to do, when they cannot be downloaded
 */
export function unpackPackages(packages: string, folder: string): void {
  const get = `apt-get download ${packages}`;
  try {
    // Lists that are old or missing are fetched, by whoever may.
    runInTurn(
      `cd ${folder} && (${get} || (apt-get update && ${get})) && for each in *.deb; do dpkg -x "$each" .; done && rm *.deb`,
    );
  } catch (cause) {
    const message =
      `This test needs packages of Debian that could not be downloaded. ` +
      `See why with: sudo apt-get update && ${get}`;
    throw new TypeError(message, { cause });
  }
}

/** Test files run side by side and apt lets only one in at a time, so they take turns. */
function runInTurn(script: string): void {
  execFileSync("flock", ["--timeout", "300", "/tmp/countersign-apt.lock", "sh", "-c", script], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}
