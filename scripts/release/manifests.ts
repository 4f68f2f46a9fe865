// The package.json files of this repository, and the version that all packages share.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Repository {
  readonly type: "git";
  readonly url?: string;
  readonly directory?: string;
}

/** A path, or paths by condition, which may be nested. */
export type ExportTarget = string | { readonly [condition: string]: ExportTarget };

export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  keywords?: readonly string[];
  repository?: Repository;
  homepage?: string;
  bugs?: { readonly url: string };
  bin?: Readonly<Record<string, string>>;
  exports?: Readonly<Record<string, ExportTarget>>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

export interface Package {
  /** Below the root, without a slash at its end: "packages/token". */
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readManifest(root: string, folder = "."): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}

/** The packages that are published. */
export function publicPackages(root: string): readonly Package[] {
  const folders = globSync("packages/*/package.json", { cwd: root }).map((file) => file.slice(0, -13));
  return folders
    .toSorted()
    .map((folder) => ({ folder, manifest: readManifest(root, folder) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The repository's https address, without `git+` and `.git`; undefined while nobody has set it. */
export function repositoryAddress({ repository }: Manifest): string | undefined {
  const parts = /^(?:git\+)?(https:\/\/[^\s]+?)(?:\.git)?$/.exec(repository?.url ?? "");
  return parts?.[1];
}

/** Writes the version into every manifest and the lock file, and into the published ones where they come from. */
export function writeRelease(root: string, version: string, address: string | undefined): void {
  const folders = globSync("{.,packages/*,examples/*,bench}/package.json", { cwd: root }).map((file) =>
    file.replace(/\/?package\.json$/, ""),
  );
  for (const folder of folders) {
    const manifest = readManifest(root, folder);
    setVersion(manifest, version);
    if (address !== undefined && manifest.private !== true) {
      manifest.repository = { type: "git", url: `git+${address}.git`, directory: folder };
      manifest.homepage = `${address}/tree/v${version}/${folder}#readme`;
      manifest.bugs = { url: `${address}/issues` };
    }
    write(join(root, folder, "package.json"), manifest);
  }

  const lockFile = join(root, "package-lock.json");
  const lock = JSON.parse(readFileSync(lockFile, "utf8")) as {
    version: string;
    packages: Record<string, Manifest>;
  };
  lock.version = version;
  for (const folder of folders) {
    const entry = lock.packages[folder];
    if (entry !== undefined) setVersion(entry, version);
  }
  write(lockFile, lock);
}

/** Packages of ours depend on each other by exact version. */
function setVersion(manifest: Manifest, version: string): void {
  manifest.version = version;
  for (const kind of ["dependencies", "devDependencies", "peerDependencies"] as const) {
    const dependencies = manifest[kind] ?? {};
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith("@countersign/")) dependencies[name] = version;
    }
  }
}

function write(file: string, content: object): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
