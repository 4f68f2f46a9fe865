import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "../../../..");
const types = "packages/server/src/settings/countersign-options.ts";
const readme = "packages/server/README.md";
const page = "docs/reference/settings.md";
/** Whose list of codes is read, and the page that it goes to. */
const errors = [
  "packages/server/src/keys/error.ts",
  "packages/server/src/database/errors.ts",
  "docs/reference/errors.md",
];

function generate(folder: string, ...args: readonly string[]): { status: number | null; stderr: string } {
  const program = join(root, "scripts/generate.ts");
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@countersign/source", program, ...args],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  return { status, stderr };
}

test("what is generated is as the table says, and the check names each file that is not", async () => {
  const copy = await mkdtemp(join(tmpdir(), "countersign-generated-"));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  for (const file of [types, readme, page, ...errors]) await cp(join(root, file), join(copy, file));
  const before = await readFile(join(copy, readme), "utf8");
  expect(generate(root, "--check")).toEqual({ status: 0, stderr: "" });

  await writeFile(join(copy, readme), before.replace("| 1 to 900 seconds |", "| 1 to 9000 seconds |"));
  await rm(join(copy, page));
  const { status, stderr } = generate(copy, "--check");
  expect(status).toBe(1);
  expect(stderr).toContain(`  ${readme}\n  ${page}\n`);
  expect(stderr).not.toContain(types);

  expect(generate(copy).status).toBe(0);
  expect(generate(copy, "--check").status).toBe(0);
  expect(await readFile(join(copy, readme), "utf8")).toBe(before);
});
