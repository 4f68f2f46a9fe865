// countersign users invite, invitations and uninvite: with the database to itself, and beside a server that has it.
import { describe, expect, test } from "vitest";
import { newPostgresUrl } from "../postgres.ts";
import { newFolder, newInstallation, printedBy, printedUnder, startServer } from "./installations.ts";

async function installationOn(database: string): Promise<readonly string[]> {
  if (database === "SQLite") return ["--data-dir", (await newInstallation()).dataDir];
  const [dataDir, url] = [await newFolder(), await newPostgresUrl()];
  await (await startServer(dataDir, url)).stop();
  return ["--data-dir", dataDir, "--database-url", url];
}

describe.each(["SQLite", "PostgreSQL"])("IN-01: countersign users on %s", (database) => {
  test("invites, shows who is invited, and takes it back", async () => {
    const where = await installationOn(database);
    const invite = (email: string, ...args: string[]) =>
      printedBy("users", "invite", "--email", email, ...args, ...where);
    expect(await invite("Eve@example.com", "--role", "editor,admin", "--locale", "de")).toMatch(
      /^A mail to Eve@example\.com waits for a server to send it\. It can be used until 20.*Z\.\n$/,
    );
    const again = JSON.parse(await invite("eve@example.com", "--role", "editor", "--json")) as { id: string };
    await invite("joan@example.com");
    const list = () => printedBy("users", "invitations", ...where);
    expect(await list()).toMatch(
      /^ID +EMAIL +ROLES +BY +UNTIL\n(\S{22} +\S+@example.com +user(,editor)? +command line +20.*Z\n){2}$/,
    );
    expect(await printedBy("users", "uninvite", "joan@example.com", ...where)).toBe(
      "joan@example.com is not invited any more.\n",
    );
    const left = await printedBy("users", "invitations", "--json", ...where);
    expect(JSON.parse(left)).toMatchObject({ ...again, roles: ["user", "editor"], invited_by: null });
    expect(await printedBy("users", "uninvite", again.id, ...where)).toContain("is not invited any more");
    await expect(printedBy("users", "uninvite", again.id, ...where)).rejects.toThrow(
      "there is no such invitation that could still be used",
    );
  });

  test("says what is wrong, and invites nobody", async () => {
    const where = await installationOn(database);
    const invite = (...args: string[]) => printedBy("users", "invite", ...args, ...where);
    await expect(invite()).rejects.toThrow("say whom to invite: --email ADDRESS");
    await expect(invite("--email", "eve@example.com", "--locale", "fr")).rejects.toThrow(
      "--locale must be en or de",
    );
    await expect(invite("--email", "eve")).rejects.toThrow("This is not an email address");
    await expect(invite("--email", "eve@example.com", "--role", "two words")).rejects.toThrow(
      expect.objectContaining({ name: "OperationRefused" }),
    );
    await expect(
      printedUnder(
        { COUNTERSIGN_SIGNUP: "closed" },
        "users",
        "invite",
        "--email",
        "eve@example.com",
        ...where,
      ),
    ).rejects.toThrow("Nobody signs up here");
    expect(await printedBy("users", "invitations", "--json", ...where)).toBe("");
  });
});
