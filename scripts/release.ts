// Makes a release: versions, changelog, build, tarballs, their checks, commit and tag. Publishing stays with a person.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { changelogSection, nextVersion, readChanges } from "./release/changes.ts";
import { publicPackages, readManifest, repositoryAddress, writeRelease } from "./release/manifests.ts";
import { tryInstalled } from "./release/try-installed.ts";
import { pack, problemsOf, type Tarball } from "./release/tarballs.ts";

const usage = `npm run release              builds, packs, checks, commits and tags
npm run release -- --dry-run builds, packs and checks, and leaves the clone as it was
`;

const root = process.cwd();
const output = join(root, "release");
const run = (command: string, ...args: readonly string[]): void =>
  void execFileSync(command, args, { cwd: root, stdio: "inherit" });
const ask = (...args: readonly string[]): string =>
  execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

const { values } = parseArgs({
  options: { "dry-run": { type: "boolean" }, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  process.stdout.write(usage);
} else {
  process.exitCode = release(values["dry-run"] === true);
}

function release(isDryRun: boolean): number {
  const packages = publicPackages(root);
  const changes = readChanges(
    join(root, "changes"),
    packages.map(({ folder }) => folder.slice("packages/".length)),
  );
  const manifest = readManifest(root);
  const isTagged = ask("tag", "--list", `v${manifest.version}`) !== "";
  // The very first release has the version that stands there.
  const version = isTagged ? nextVersion(manifest.version, changes) : manifest.version;
  const address = repositoryAddress(manifest);

  const isDirty = ask("status", "--porcelain") !== "";
  if (isDirty) return refuse(["The clone has changes that are not committed: commit or stash them."]);
  const missing = [
    ...(changes.length === 0 ? ["Nothing has changed: there is no file in changes/."] : []),
    ...(ask("branch", "--show-current") === "main" ? [] : ["Releases are made on the branch main."]),
    ...(address === undefined
      ? ["Set repository.url in package.json to the repository's https address, once, and commit it."]
      : []),
  ];
  if (missing.length > 0 && !isDryRun) return refuse(missing);
  if (missing.length > 0) say(`A release would be refused:\n- ${missing.join("\n- ")}\n`);

  let isDone = false;
  try {
    writeRelease(root, version, address);
    const date = new Date().toISOString().slice(0, "2026-01-01".length);
    addToChangelog(changelogSection(version, date, changes));
    for (const { file } of changes) rmSync(file);
    run("npm", "ci", "--dry-run", "--ignore-scripts", "--no-audit");
    run("npm", "run", "build");
    const tarballs = pack(root, publicPackages(root), output);
    const problems = tarballs.flatMap((tarball) => problemsOf(root, tarball));
    if (problems.length > 0) return refuse(problems);
    tryInstalled(tarballs, version);
    rmSync(join(output, "unpacked"), { recursive: true });
    if (isDryRun) {
      say(`\nAll is well with ${version}. The tarballs are in release/; nothing was committed.\n`);
      return 0;
    }
    run("git", "add", "--all");
    run("git", "commit", "--quiet", "--message", `Release ${version}`);
    isDone = true;
    run("git", "tag", "--annotate", `v${version}`, "--message", `Countersign ${version}`);
    const files = inOrder(tarballs).map(
      ({ file }) => `  npm publish --access public ${file.slice(root.length + 1)}\n`,
    );
    say(
      `\n${version} is committed and tagged. To publish it:\n\n  git push --follow-tags\n${files.join("")}`,
    );
    return 0;
  } finally {
    // The clone was clean, so nothing of anybody's is lost.
    if (!isDone) run("git", "restore", "--staged", "--worktree", ".");
  }
}

/** Whatever a package depends on comes before it. */
function inOrder(tarballs: readonly Tarball[]): readonly Tarball[] {
  const ours = ({ manifest }: Tarball): number =>
    Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith("@countersign/")).length;
  return tarballs.toSorted((a, b) => ours(a) - ours(b));
}

function addToChangelog(section: string): void {
  const file = join(root, "CHANGELOG.md");
  const text = readFileSync(file, "utf8");
  const end = text.search(/^## /m);
  const [head, rest] =
    end === -1 ? [`${text.trimEnd()}\n\n`, ""] : [text.slice(0, end), `\n${text.slice(end)}`];
  writeFileSync(file, `${head}${section}${rest}`);
}

function refuse(problems: readonly string[]): number {
  process.stderr.write(`No release:\n- ${problems.join("\n- ")}\n`);
  return 1;
}

function say(text: string): void {
  process.stdout.write(text);
}
