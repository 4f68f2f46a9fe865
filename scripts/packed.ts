// The publishable packages as npm would publish them; run after `npm run build`.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";

export interface PackedPackage {
  readonly name: string;
  /** The path of its tarball. */
  readonly tarball: string;
}

interface PackResult {
  readonly name: string;
  readonly filename: string;
}

const repository = resolve(import.meta.dirname, "..");

/** Packs every package into this folder, which is emptied first. */
export function packInto(folder: string): readonly PackedPackage[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const workspaces = readdirSync(`${repository}/packages`).map((name) => `--workspace=packages/${name}`);
  const args = ["pack", "--json", "--pack-destination", folder, ...workspaces];
  const output = execFileSync("npm", args, {
    cwd: repository,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const results = JSON.parse(output) as readonly PackResult[];
  return results.map(({ name, filename }) => ({ name, tarball: resolve(folder, filename) }));
}
