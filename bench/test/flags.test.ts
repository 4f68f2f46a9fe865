import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  scripts: Record<string, string>;
};
const benches = Object.keys(scripts).filter((name) => name.startsWith("bench:"));

function run(
  bench: string,
  flags: readonly string[],
): { readonly code: number | null; readonly text: string } {
  const [, ...given] = scripts[bench]?.split(" ") ?? [];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...given, ...flags], {
    cwd: root,
    encoding: "utf8",
  });
  return { code: status, text: stdout + stderr };
}

test.each(benches)("%s names a flag that it does not have, says which it has, and ends with 2", (bench) => {
  const { code, text } = run(bench, ["--quik"]);
  expect(text).toContain("--quik");
  expect(text).toContain(`npm run ${bench} -- [flags]`);
  for (const flag of ["--json", "--quick", "--write", "--help"]) expect(text).toContain(flag);
  expect(code).toBe(2);
});

test("--help says which flags there are, and measures nothing", () => {
  const { code, text } = run("bench:http", ["--help"]);
  expect(text).toMatch(/^npm run bench:http -- \[flags\]\n( {2}--\w+ +.+\n)+$/);
  expect(code).toBe(0);
});

test("a result is written into the documents by a full run alone", () => {
  const { code, text } = run("bench:http", ["--quick", "--write"]);
  expect(text).toContain("--write needs a full run");
  expect(code).toBe(2);
});
