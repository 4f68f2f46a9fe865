import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../src/app.ts";
import { announceFirstAdministrator } from "../src/first-administrator.ts";
import type { CountersignOptions } from "../src/settings/countersign-options.ts";
import { newFolder } from "./cli/installations.ts";
import { startServed } from "./cli/served.ts";
import { issuer } from "./app.ts";
import { runCommand } from "../src/cli/run.ts";

async function appIn(dataDir: string, options: Partial<CountersignOptions> = {}) {
  const databaseUrl = `sqlite:${dataDir}/countersign.db`;
  const app = createApp({ issuer, dataDir, databaseUrl, ...options }, { logger: false });
  onTestFinished(() => app.close());
  await app.ready();
  return app;
}

async function makeAdministrator(dataDir: string): Promise<void> {
  const args = ["users", "create", "--admin", "--email", "ada@example.com", "--password-stdin"];
  await runCommand([...args, "--data-dir", dataDir], {
    environment: {},
    print: () => undefined,
    input: async function* () {
      yield Buffer.from(`${randomBytes(12).toString("base64url")}\n`);
    },
  });
}

test("without an administrator a person at a terminal is told the command, and nobody else", async () => {
  const dataDir = await newFolder();
  const app = await appIn(dataDir);
  let told = "";
  await announceFirstAdministrator(app, {
    dataDir,
    tell: (text) => void (told += text),
    program: "countersign",
  });
  expect(told).toContain("countersign users create --admin --email YOU@EXAMPLE.COM --password-stdin");
  expect(told).toContain(`--data-dir ${dataDir}`);
  expect(existsSync(join(dataDir, "first-administrator.txt"))).toBe(false);
  await makeAdministrator(dataDir);
  told = "";
  await announceFirstAdministrator(app, { dataDir, tell: (text) => void (told += text) });
  expect(told).toBe("");
});

test("without administration nothing is said, and a password of the database never is", async () => {
  const dataDir = await newFolder();
  const app = await appIn(dataDir, { admin: false });
  let told = "";
  const tell = (text: string) => void (told += text);
  await announceFirstAdministrator(app, { dataDir, tell });
  expect(told).toBe("");
  const other = await appIn(await newFolder());
  const secret = randomBytes(12).toString("hex");
  const databaseUrl = `postgres://countersign:${secret}@db.example.com/auth`;
  await announceFirstAdministrator(other, { dataDir, databaseUrl, tell });
  expect(told).toContain("COUNTERSIGN_DATABASE_URL");
  expect(told).not.toContain(secret);
});

test("what lies where the file is to stand is not written into", async () => {
  const dataDir = await newFolder();
  const app = await appIn(dataDir);
  const victim = join(await newFolder(), "victim");
  writeFileSync(victim, "as it was");
  symlinkSync(victim, join(dataDir, "first-administrator.txt"));
  await announceFirstAdministrator(app, { dataDir, tell: undefined });
  expect(readFileSync(victim, "utf8")).toBe("as it was");
  expect(statSync(join(dataDir, "first-administrator.txt")).mode & 0o777).toBe(0o600);
});

test("serve without a terminal writes a file for its own user, logs none of it, and removes it when there is one", async () => {
  const dataDir = await newFolder();
  const file = join(dataDir, "first-administrator.txt");
  const first = await startServed("--data-dir", dataDir);
  onTestFinished(() => void first.process.kill("SIGKILL"));
  await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain("users create --admin");
  expect(first.log.join("\n")).not.toContain("users create");
  await makeAdministrator(dataDir);
  await first.stop();
  const second = await startServed("--data-dir", dataDir);
  onTestFinished(() => void second.process.kill("SIGKILL"));
  await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(false);
  await second.stop();
}, 120_000);
