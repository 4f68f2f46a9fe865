// Packs the publishable packages and judges each tarball as whoever installs it would find it.
import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ExportTarget, type Package, readManifest } from "./manifests.ts";

export interface Tarball extends Package {
  readonly file: string;
  /** Where its content has been unpacked. */
  readonly unpacked: string;
}

/** Packs into `folder`, which is made anew. Needs a build. */
export function pack(root: string, packages: readonly Package[], folder: string): readonly Tarball[] {
  rmSync(folder, { recursive: true, force: true });
  return packages.map(({ folder: from, manifest }) => {
    const unpacked = join(folder, "unpacked", from);
    mkdirSync(unpacked, { recursive: true });
    const options = ["pack", "--silent", "--pack-destination", folder];
    const name = execFileSync("npm", options, { cwd: join(root, from), encoding: "utf8" }).trim();
    const file = join(folder, name);
    execFileSync("tar", ["-xzf", file, "-C", unpacked, "--strip-components=1"]);
    return { folder: from, manifest, file, unpacked };
  });
}

function pathsOf(target: ExportTarget): readonly string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap((nested) => pathsOf(nested));
}

/** What is wrong with a tarball, in sentences. */
export function problemsOf(root: string, { folder, unpacked }: Tarball): readonly string[] {
  const has = (path: string): boolean => existsSync(join(unpacked, path));
  const read = (path: string): string => (has(path) ? readFileSync(join(unpacked, path), "utf8") : "");
  const manifest = readManifest(unpacked);
  const problems: string[] = [];

  if (read("LICENSE") !== readFileSync(join(root, "LICENSE"), "utf8")) {
    problems.push("LICENSE is missing or differs from the repository's");
  }
  if ((manifest.keywords ?? []).length === 0) problems.push("package.json has no keywords");
  if (manifest.repository?.directory !== folder) {
    problems.push(`repository.directory in package.json must be "${folder}"`);
  }
  const targets = Object.values(manifest.exports ?? {}).flatMap((target) => pathsOf(target));
  for (const target of [...targets, ...Object.values(manifest.bin ?? {})]) {
    if (!has(target)) problems.push(`${target} is named in package.json and is not in the tarball`);
  }

  const readme = read("README.md");
  if (
    !readme.includes(`npm install ${manifest.name}\n`) &&
    !readme.includes(`npm install --save-dev ${manifest.name}\n`)
  ) {
    problems.push(`README.md has no line "npm install ${manifest.name}"`);
  }
  for (const page of globSync("**/*.md", { cwd: unpacked })) {
    for (const [, target = ""] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path = ""] = target.split("#");
      const leadsOut = /^[a-z]+:/.test(target);
      if (!leadsOut && path !== "" && !has(join(dirname(page), path))) {
        problems.push(`${page} links to ${target}, which is not in the tarball`);
      }
    }
  }
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}
