// countersign users: with the database to itself, and beside a server that has it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runCommand } from "../../src/cli/run.ts";
import { newPostgresUrl } from "../postgres.ts";
import { countersign, newFolder, newInstallation, printedBy, startServer } from "./installations.ts";
import { startServed } from "./served.ts";

const password = "tangerine violin ledger";

/** What the command prints that reads this from standard input. */
async function printedWith(line: string, ...args: string[]): Promise<string> {
  let printed = "";
  await runCommand(args, {
    environment: {},
    print: (text) => void (printed += text),
    input: async function* () {
      yield Buffer.from(`${line}\n`);
    },
  });
  return printed;
}

const create = (email: string, ...args: string[]) =>
  printedWith(password, "users", "create", "--email", email, "--password-stdin", "--json", ...args);

async function installationOn(database: string): Promise<readonly string[]> {
  if (database === "SQLite") return ["--data-dir", (await newInstallation()).dataDir];
  const [dataDir, url] = [await newFolder(), await newPostgresUrl()];
  await (await startServer(dataDir, url)).stop();
  return ["--data-dir", dataDir, "--database-url", url];
}

describe.each(["SQLite", "PostgreSQL"])("countersign users on %s", (database) => {
  test("makes, finds, shows, disables, enables, gives roles to, logs out and removes accounts", async () => {
    const where = await installationOn(database);
    const made = JSON.parse(await create("Ada@example.com", "--admin", ...where)) as { id: string };
    expect(made).toMatchObject({ email: "Ada@example.com", roles: ["user", "admin"], status: "active" });
    await create("eve@example.com", "--name", "Eve", ...where);
    const list = (await printedBy("users", "list", "--json", ...where)).trim().split("\n");
    expect(list.map((line) => (JSON.parse(line) as { email: string }).email)).toEqual([
      "eve@example.com",
      "Ada@example.com",
    ]);
    expect(await printedBy("users", "list", "--email", "AD", ...where)).toMatch(
      /^ID +EMAIL +STATUS +ROLES +SINCE\n\S{22} +Ada@example.com +active +user,admin +20.*Z\n$/,
    );
    expect(await printedBy("users", "show", "ada@example.com", ...where)).toContain(
      "It is logged in nowhere.",
    );
    expect(await printedBy("users", "show", made.id, "--json", ...where)).toContain('"sessions": []');
    expect(await printedBy("users", "roles", "eve@example.com", "--set", "user,editor", ...where)).toBe(
      "eve@example.com has the roles user, editor.\n",
    );
    expect(await printedBy("users", "reset", "eve@example.com", ...where)).toBe(
      "A mail to eve@example.com waits for a server to send it.\n",
    );
    expect(await printedBy("users", "disable", "eve@example.com", ...where)).toContain("is disabled");
    expect(await printedBy("users", "list", "--email", "eve", ...where)).toMatch(/disabled +user,editor/);
    expect(await printedBy("users", "enable", "eve@example.com", ...where)).toContain("is enabled");
    expect(await printedBy("sessions", "end", "eve@example.com", "--all", ...where)).toBe(
      "It is logged out everywhere.\n",
    );
    expect(await printedBy("users", "delete", "eve@example.com", "--yes", ...where)).toMatch(/is gone\.\n$/);
    await expect(printedBy("users", "show", "eve@example.com", ...where)).rejects.toThrow(/no such account/);
    const trail = await printedBy("audit", "export", ...where);
    expect(trail.match(/"actor_id":"command line"/g)?.length).toBeGreaterThan(5);
    expect(await printedBy("audit", "verify", ...where)).toMatch(/is whole/);
    expect(trail).not.toContain(password);
  });

  test("refuses with a sentence what cannot be, and keeps the last administrator", async () => {
    const where = await installationOn(database);
    await create("ada@example.com", "--admin", ...where);
    for (const args of [
      ["disable", "ada@example.com"],
      ["delete", "ada@example.com", "--yes"],
      ["roles", "ada@example.com", "--set", "user"],
    ])
      await expect(printedBy("users", ...args, ...where)).rejects.toThrow(/last administrator/);
    await expect(create("ada@example.com", ...where)).rejects.toThrow(/address/);
    await expect(create("not an address", ...where)).rejects.toThrow(/not an email address/);
    await expect(
      printedWith("password", "users", "create", "--email", "eve@example.com", "--password-stdin", ...where),
    ).rejects.toThrow(/password/i);
    await expect(printedBy("users", "delete", "ada@example.com", ...where)).rejects.toThrow(/say --yes/);
    await expect(
      printedWith("", "users", "create", "--email", "e@example.com", "--password-stdin", ...where),
    ).rejects.toThrow(/standard input must hold the password/);
  });
});

test("beside a server that has the file, the first administrator is made, logs in and administers", async () => {
  const dataDir = await newFolder();
  const served = await startServed("--data-dir", dataDir);
  onTestFinished(() => void served.process.kill("SIGKILL"));
  const program = join(import.meta.dirname, "../../src/cli/main.ts");
  const args = [
    "users",
    "create",
    "--admin",
    "--email",
    "ada@example.com",
    "--password-stdin",
    "--data-dir",
    dataDir,
  ];
  const made = spawnSync(process.execPath, ["--conditions=@countersign/source", program, ...args], {
    encoding: "utf8",
    env: {},
    input: `${password}\n`,
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  expect(made).toMatchObject({ status: 0, stderr: "" });
  const login = await fetch(`${served.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "ada@example.com", password }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const accounts = await fetch(`${served.url}/admin/accounts`, { headers });
  expect(await accounts.json()).toMatchObject({ accounts: [{ email: "ada@example.com" }] });
  // Whoever is logged out by the command is refused by the server at once.
  await printedBy("sessions", "end", "ada@example.com", "--all", "--data-dir", dataDir);
  expect((await fetch(`${served.url}/admin/accounts`, { headers })).status).toBe(401);
  expect(countersign("users", "list", "--json", "--data-dir", dataDir)).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect(countersign("users", "show", "nobody@example.com", "--data-dir", dataDir)).toMatchObject({
    status: 1,
    stderr: "countersign: there is no such account, or no such session of it\n",
  });
  expect(countersign("users", "create", "--data-dir", dataDir).status).toBe(2);
  await served.stop();
}, 180_000);
