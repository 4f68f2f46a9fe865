// The release before this one, taken out of the history of the repository and run with what is installed here.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Stands in for the release before until there is a tag of one. */
const beforeTheFirstTag = "8bce10a";

const repository = join(import.meta.dirname, "../../../..");

export interface ReleaseBefore {
  /** The program `countersign`, for `startProgram`. */
  readonly program: string;
  /** What it exports as `@countersign/verifier`. */
  readonly verifier: string;
  remove(): Promise<void>;
}

/** What this tree has in the same places. */
export const presentRelease = {
  program: join(repository, "packages/server/src/cli/main.ts"),
  verifier: join(repository, "packages/verifier/src/index.ts"),
};

/** The commit of it; undefined where the history does not reach so far, as in a shallow clone. */
export function commitBefore(): string | undefined {
  const tag = git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^").toString().trim();
  const name = `${tag === "" ? beforeTheFirstTag : tag}^{commit}`;
  const commit = git("rev-parse", "--verify", "--quiet", name).toString().trim();
  return commit === "" ? undefined : commit;
}

export async function unpack(commit: string): Promise<ReleaseBefore> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-before-"));
  const archive = git("archive", commit, ":(glob)packages/*/src/**", ":(glob)packages/*/package.json");
  const { status, stderr } = spawnSync("tar", ["-x", "-C", folder], { input: archive });
  if (status !== 0) throw new TypeError(`the release before was not unpacked: ${String(stderr)}`);
  await linkDependencies(folder);
  return {
    program: join(folder, "packages/server/src/cli/main.ts"),
    verifier: join(folder, "packages/verifier/src/index.ts"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** All that is installed here, but for our own packages, which are those of the folder. */
async function linkDependencies(folder: string): Promise<void> {
  const own = join(folder, "node_modules/@countersign");
  await mkdir(own, { recursive: true });
  const installed = await readdir(join(repository, "node_modules"));
  for (const name of installed.filter((one) => !one.startsWith(".") && one !== "@countersign"))
    await symlink(join(repository, "node_modules", name), join(folder, "node_modules", name));
  for (const name of await readdir(join(folder, "packages"))) {
    await symlink(join(folder, "packages", name), join(own, name));
    // What npm put there because another version of it stands above.
    const nested = join(repository, "packages", name, "node_modules");
    if (existsSync(nested)) await symlink(nested, join(folder, "packages", name, "node_modules"));
  }
}

/** What it prints; nothing where it fails, as where there is no such commit, or no repository at all. */
function git(...args: readonly string[]): Buffer {
  const { status, stdout } = spawnSync("git", ["-C", repository, ...args], { maxBuffer: 256 * 1024 * 1024 });
  return status === 0 ? stdout : Buffer.alloc(0);
}
