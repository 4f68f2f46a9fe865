// Which projects there are, and what is said about one that there is not.
import { allChoices, CreateError, createProject } from "create-countersign";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "create-countersign-"));
afterAll(() => rmSync(folder, { recursive: true }));

const program = join(import.meta.dirname, "../src/cli/main.ts");
const run = promisify(execFile);

/** The program as npm starts it, with nobody at a terminal. */
function create(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [program, ...args], { cwd: folder, timeout: 60_000, killSignal: "SIGKILL" });
}

test.each(allChoices)("makes $framework with $database as $shape", async (choices) => {
  const project = join(folder, `${choices.framework}-${choices.shape}-${choices.database}`);
  await createProject(project, choices);
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    name: string;
    scripts: Record<string, string>;
    dependencies: Record<string, string>;
  };
  expect(manifest.name).toBe(`${choices.framework}-${choices.shape}-${choices.database}`);
  expect(Object.hasOwn(manifest.scripts, "auth")).toBe(choices.shape === "auth-server");
  expect(manifest.dependencies["@countersign/server"]).toMatch(/^\^\d+\.\d+\.\d+$/);
  const files = readdirSync(project, { recursive: true });
  const expected = [".env", ".gitignore", "README.md", "src/api.ts", "src/main.ts", "test/api.test.ts"];
  expect(files).toEqual(expect.arrayContaining(expected));
  expect(readFileSync(join(project, ".gitignore"), "utf8")).toMatch(/^\.env$/m);
  expect(/^COUNTERSIGN_DATABASE_URL=postgres:/m.test(readFileSync(join(project, ".env"), "utf8"))).toBe(
    choices.database === "postgres",
  );
});

test("--yes asks nothing and takes what is usual", async () => {
  const { stdout } = await create("usual", "--yes");
  expect(stdout).toContain("cd usual");
  expect(readFileSync(join(folder, "usual/src/api.ts"), "utf8")).toContain("createApp");
  const { stdout: forExpress } = await create("for-express", "--yes", "--framework=express");
  expect(forExpress).toContain("npm run auth");
});

test.each([
  ["an unknown framework", ["x", "--yes", "--framework=koa"], /fastify or express or nest/],
  [
    "a shape that a framework does not have",
    ["x", "--yes", "--framework=nest", "--shape=one-process"],
    /choose auth-server/,
  ],
  ["a name that no package can have", ["Not A Name", "--yes"], /small letters/],
  ["a second folder", ["x", "y", "--yes"], /one folder/],
  ["an option that there is not", ["x", "--speed"], /--speed/],
  ["a folder below a file", [`${program}/x`, "--yes"], /main\.ts cannot be made \(EEXIST\)/],
  ["a question with nobody there to answer it", ["x"], /--yes/],
])("%s is said in a sentence, with exit code 2 and nothing written", async (_what, args, sentence) => {
  await expect(create(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(sentence) });
  expect(readdirSync(folder)).not.toContain("x");
});

test.runIf(process.platform === "linux")("a folder that a system makes for nobody is said, too", async () => {
  const refusal = create("/proc/nothing/x", "--yes");
  await expect(refusal).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("/proc/nothing cannot"),
  });
});

test("folders that are missing above it are made too", async () => {
  await create("a/b/deep", "--yes");
  expect(readdirSync(join(folder, "a/b/deep"))).toContain("package.json");
});

test("a folder with something in it is left as it is", async () => {
  const project = join(folder, "taken");
  mkdirSync(project);
  writeFileSync(join(project, "mine.txt"), "mine");
  const [choices] = allChoices;
  if (choices === undefined) throw new TypeError("there is no choice");
  const refusal = createProject(project, choices);
  await expect(refusal).rejects.toThrow(CreateError);
  await expect(refusal).rejects.toMatchObject({ code: "folder_not_empty" });
  expect(readdirSync(project)).toEqual(["mine.txt"]);
});
