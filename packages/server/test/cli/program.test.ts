// `countersign` as npm links it.
import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../../..");
const linked = join(root, "node_modules/.bin/countersign");

test("`npx countersign` finds the program in a clone, where nothing is built", async () => {
  expect(await realpath(linked)).toBe(join(root, "packages/server/bin/countersign.js"));
  const run = promisify(execFile);
  expect((await run(process.execPath, [linked, "--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await run(process.execPath, [linked, "--help"])).stdout).toContain("Usage: countersign COMMAND");
  await expect(run(process.execPath, [linked, "no-such-command"])).rejects.toMatchObject({ code: 2 });
});
