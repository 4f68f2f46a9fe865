import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changelogSection, nextVersion, readChanges } from "../release/changes.ts";
import { publicPackages, readManifest, writeRelease } from "../release/manifests.ts";
import { pack, problemsOf } from "../release/tarballs.ts";

let root = "";

/** A repository with one package in which all is well. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "countersign-release-"));
  writeJson("package.json", { name: "countersign", version: "0.1.0", private: true, type: "module" });
  writeJson("packages/token/package.json", {
    name: "@countersign/token",
    version: "0.1.0",
    keywords: ["jwt"],
    repository: { type: "git", directory: "packages/token" },
    files: ["dist"],
    exports: { ".": { default: "./dist/index.js" } },
  });
  writeJson("examples/one/package.json", {
    name: "@countersign-examples/one",
    version: "0.1.0",
    private: true,
    dependencies: { "@countersign/token": "0.1.0", fastify: "5.12.8" },
  });
  writeJson("package-lock.json", {
    version: "0.1.0",
    packages: { "packages/token": { version: "0.1.0" }, "node_modules/fastify": { version: "5.12.8" } },
  });
  write("LICENSE", "the licence\n");
  write("packages/token/LICENSE", "the licence\n");
  write("packages/token/dist/index.js", "export {};\n");
  write("packages/token/README.md", "# Token\n\nnpm install @countersign/token\n");
  write("CHANGELOG.md", "# Changelog\n");
  write("changes/strict.md", "fix: token\n\nA sentence\nover two lines.\n");
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writeJson(path: string, content: object): void {
  write(path, JSON.stringify(content));
}

describe("change files", () => {
  test("say kind, packages and what it means", () => {
    expect(readChanges(join(root, "changes"), ["token"])).toMatchObject([
      { kind: "fix", packages: ["token"], text: "A sentence over two lines." },
    ]);
  });

  test.each([
    ["an unknown kind", "minor: token\n\nA sentence.\n"],
    ["an unknown package", "fix: tokens\n\nA sentence.\n"],
    ["no sentence", "fix: token\n\n"],
    ["no empty line", "fix: token\nA sentence.\n"],
  ])("are refused by name with %s", (_, text) => {
    write("changes/strict.md", text);
    expect(() => readChanges(join(root, "changes"), ["token"])).toThrow("strict.md");
  });

  test.each([
    ["0.1.0", ["fix"], "0.1.1"],
    ["0.1.0", ["feature", "fix"], "0.1.1"],
    ["0.1.9", ["breaking", "fix"], "0.2.0"],
    ["1.2.3", ["fix"], "1.2.4"],
    ["1.2.3", ["fix", "feature"], "1.3.0"],
    ["1.2.3", ["feature", "breaking"], "2.0.0"],
  ] as const)("make of %s with %j the version %s", (version, kinds, expected) => {
    const changes = kinds.map((kind) => ({ kind, file: "", packages: ["token"], text: "" }));
    expect(nextVersion(version, changes)).toBe(expected);
  });

  test("become a section of the changelog, what breaks first, in lines of 120 columns", () => {
    const change = { file: "", packages: ["token", "server"] };
    const section = changelogSection("1.0.0", "2026-12-01", [
      { ...change, kind: "fix", text: "word ".repeat(60).trim() },
      { ...change, kind: "breaking", text: "Something." },
    ]);
    expect(section).toMatch(
      /^## 1.0.0, 2026-12-01\n\n### Breaking\n\n- \*\*token, server\*\*: Something.\n\n### Fixed\n\n- \*\*token/,
    );
    expect(Math.max(...section.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});

test("a release gives all of ours one version, in manifests and lock, and says where they come from", () => {
  writeRelease(root, "0.2.0", "https://git.example/countersign");
  expect(readManifest(root, "packages/token")).toMatchObject({
    version: "0.2.0",
    repository: { url: "git+https://git.example/countersign.git", directory: "packages/token" },
    homepage: "https://git.example/countersign/tree/v0.2.0/packages/token#readme",
    bugs: { url: "https://git.example/countersign/issues" },
  });
  expect(readManifest(root, "examples/one")).toMatchObject({
    version: "0.2.0",
    dependencies: { "@countersign/token": "0.2.0", fastify: "5.12.8" },
  });
  expect(readManifest(root, "examples/one").homepage).toBeUndefined();
  expect(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))).toEqual({
    version: "0.2.0",
    packages: { "packages/token": { version: "0.2.0" }, "node_modules/fastify": { version: "5.12.8" } },
  });
});

describe("a tarball", () => {
  const problems = (): readonly string[] =>
    pack(root, publicPackages(root), join(root, "release")).flatMap((tarball) => problemsOf(root, tarball));

  test("in which all is well is accepted", () => {
    expect(problems()).toEqual([]);
  });

  test.each([
    [
      "a dead link",
      "packages/token/README.md",
      "npm install @countersign/token\n[a](../../docs/a.md)",
      "../../docs/a.md",
    ],
    ["no install line", "packages/token/README.md", "# Token\n", "npm install"],
    ["another licence", "packages/token/LICENSE", "all mine\n", "LICENSE"],
    ["an entry point that is not packed", "packages/token/package.json", "", "./lost.js"],
  ])("with %s is refused", (_, file, text, expected) => {
    if (text === "") {
      const manifest = readManifest(root, "packages/token");
      writeJson(file, { ...manifest, exports: { ".": { require: { default: "./lost.js" } } } });
    } else write(file, text);
    expect(problems()).toEqual([expect.stringContaining(expected)]);
  });
});

describe("npm run release", () => {
  function release(): { readonly status: number | null; readonly stderr: string } {
    return spawnSync(process.execPath, ["scripts/release.ts"], { cwd: root, encoding: "utf8" });
  }

  function commit(): void {
    const git = (...args: readonly string[]): unknown => execFileSync("git", args, { cwd: root });
    git("init", "--quiet", "--initial-branch", "main");
    git("add", "--all");
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    git(...author, "commit", "--quiet", "--no-gpg-sign", "--message", "All");
  }

  beforeEach(() => {
    for (const path of ["release.ts", "release"]) {
      cpSync(join(import.meta.dirname, "..", path), join(root, "scripts", path), { recursive: true });
    }
  });

  test("refuses until the repository's address is known, and changes nothing", () => {
    commit();
    expect(release()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("repository.url") as string,
    });
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" })).toBe("");
  });

  test("refuses when nothing has changed", () => {
    rmSync(join(root, "changes/strict.md"));
    write("changes/README.md", "How to.\n");
    commit();
    expect(release()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Nothing has changed") as string,
    });
  });

  test("refuses in a clone with changes that are not committed", () => {
    commit();
    write("CHANGELOG.md", "# Mine\n");
    expect(release()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("not committed") as string,
    });
    expect(readFileSync(join(root, "CHANGELOG.md"), "utf8")).toBe("# Mine\n");
  });
});
