// Installs all tarballs in an empty project, as a stranger would, and uses each a little.
import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tarball } from "./tarballs.ts";

/** @throws if an entry point does not load or a command does not say this version */
export function tryInstalled(tarballs: readonly Tarball[], version: string): void {
  const folder = mkdtempSync(join(tmpdir(), "countersign-installed-"));
  const options: ExecFileSyncOptionsWithStringEncoding = { cwd: folder, encoding: "utf8" };
  try {
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    // The frameworks are optional peers: each entry point of an adapter needs its own.
    const peers = tarballs.flatMap(({ manifest }) => Object.entries(manifest.peerDependencies ?? {}));
    const wanted = peers.map(([name, range]) => `${name}@${range}`);
    execFileSync(
      "npm",
      ["install", "--no-audit", "--no-fund", ...tarballs.map(({ file }) => file), ...wanted],
      options,
    );
    for (const { manifest } of tarballs) {
      for (const path of Object.keys(manifest.exports ?? {})) {
        const entry = `${manifest.name}${path.slice(1)}`;
        execFileSync(
          process.execPath,
          ["--input-type=module", "--eval", `await import("${entry}")`],
          options,
        );
      }
      for (const command of Object.keys(manifest.bin ?? {})) {
        const said = execFileSync(join(folder, "node_modules/.bin", command), ["--version"], options);
        if (!said.includes(version))
          throw new TypeError(`${command} --version says ${said.trim()}, not ${version}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
