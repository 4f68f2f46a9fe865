// `countersign` as npm links it.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newPostgresUrl } from "../postgres.ts";
import { countersign } from "./installations.ts";

const root = join(import.meta.dirname, "../../../..");
const linked = join(root, "node_modules/.bin/countersign");

test("`npx countersign` finds the program in a clone, where nothing is built", async () => {
  expect(await realpath(linked)).toBe(join(root, "packages/server/bin/countersign.js"));
  const run = promisify(execFile);
  expect((await run(process.execPath, [linked, "--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect((await run(process.execPath, [linked, "--help"])).stdout).toContain("Usage: countersign COMMAND");
  await expect(run(process.execPath, [linked, "no-such-command"])).rejects.toMatchObject({ code: 2 });
});

test("an older Node gets a sentence that says which one is needed, before anything else is loaded", async () => {
  const older =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })";
  const run = promisify(execFile);
  await expect(
    run(process.execPath, ["--import", `data:text/javascript,${older}`, linked, "--version"]),
  ).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(
      /^countersign needs Node 22\.12 or later, and this is Node 20\.20\.2\. .*\n$/,
    ),
  });
});

test("a command on PostgreSQL with a wrong password says in one line where, and why in the server's words", async () => {
  const url = new URL(await newPostgresUrl());
  url.password = randomBytes(12).toString("hex");
  const { status, stdout, stderr } = countersign("keys", "list", "--database", url.href);
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: "",
    stderr: `countersign: PostgreSQL at 127.0.0.1:${url.port} cannot be used at the moment: password authentication failed for user "postgres".\n`,
  });
});
