// Commands on SQLite beside a server that runs, was killed or was stopped. The servers are processes of their own; most
// commands run in this one, and find their way to the server as everywhere.
import { existsSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { countersign, newFolder, printedBy } from "./installations.ts";
import { startServed, type Served } from "./served.ts";

async function serveIn(dataDir: string): Promise<Served> {
  const served = await startServed("--data-dir", dataDir);
  onTestFinished(() => void served.process.kill("SIGKILL"));
  return served;
}

async function kidsAt(where: readonly string[]): Promise<string[]> {
  const keys = JSON.parse(await printedBy("keys", "list", "--json", ...where)) as { kid: string }[];
  return keys.map(({ kid }) => kid);
}

test("every command works while the server serves, after it was killed, and after it was stopped", async () => {
  const dataDir = await newFolder();
  const where = ["--data-dir", dataDir];
  const socket = join(dataDir, "countersign.db.sock");
  const served = await serveIn(dataDir);
  expect(statSync(socket).mode & 0o777).toBe(0o600);

  const [first = ""] = await kidsAt(where);
  await printedBy("keys", "rotate", "--immediately", ...where);
  await printedBy("keys", "revoke", first, "--yes", ...where);
  const [, second = ""] = await kidsAt(where);
  expect(JSON.parse(await printedBy("keys", "export", second, ...where))).toMatchObject({ kid: second });
  expect(await printedBy("revoke-everything", "--yes", ...where)).toMatch(/^Every access token/);
  expect(countersign("audit", "verify", ...where)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^The audit trail is whole/),
    stderr: "",
  });
  const file = join(dataDir, "trail.jsonl");
  const exported = await printedBy("audit", "export", ...where);
  expect(exported).toContain('"actor_id":"command line"');
  await writeFile(file, exported);
  expect(await printedBy("audit", "verify", "--file", file, ...where)).toMatch(/is whole/);
  // The server follows what was done through its socket.
  await expect
    .poll(async () => (await (await fetch(`${served.url}/.well-known/jwks.json`)).json()) as object, {
      timeout: 20_000,
    })
    .toMatchObject({ keys: [{ kid: second }] });
  expect(countersign("keys", "revoke", "nonsense", "--yes", ...where)).toMatchObject({
    status: 1,
    stderr: "countersign: No signing key has this id\n",
  });

  // Killed, it leaves a dead socket: the next command opens the file itself, and the next start removes it.
  await served.stop("SIGKILL");
  expect(existsSync(socket)).toBe(true);
  expect(await kidsAt(where)).toEqual([first, second]);
  const again = await serveIn(dataDir);
  expect(await kidsAt(where)).toEqual([first, second]);
  expect(await printedBy("audit", "verify", ...where)).toMatch(/^The audit trail is whole/);

  expect(await again.stop()).toBe(0);
  expect(existsSync(socket)).toBe(false);
  expect(await kidsAt(where)).toEqual([first, second]);
  expect(again.log.filter((line) => line.includes("a command failed"))).toEqual([]);
}, 180_000);

test("where its path is too long the server serves without the socket and says so, and the command says why it cannot", async () => {
  const dataDir = join(await newFolder(), "a".repeat(100));
  const served = await serveIn(dataDir);
  expect(served.log.join("\n")).toContain("is longer than 100 bytes");
  await expect(printedBy("keys", "list", "--data-dir", dataDir)).rejects.toThrow(
    /^the path of the socket .* is longer than 100 bytes: choose a shorter data folder/,
  );
  await served.stop();
  expect(await printedBy("keys", "list", "--data-dir", dataDir)).toContain("active");
}, 120_000);
