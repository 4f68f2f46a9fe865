// countersign audit list, on both databases.
import Sqlite from "better-sqlite3";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../src/cli/run.ts";
import { newPostgresUrl } from "../postgres.ts";
import { newFolder, newInstallation, printedBy, startServer } from "./installations.ts";

async function installationOn(database: string): Promise<readonly string[]> {
  if (database === "SQLite") return ["--data-dir", (await newInstallation()).dataDir];
  const [dataDir, url] = [await newFolder(), await newPostgresUrl()];
  await (await startServer(dataDir, url)).stop();
  return ["--data-dir", dataDir, "--database-url", url];
}

describe.each(["SQLite", "PostgreSQL"])("countersign audit list on %s", (database) => {
  test("shows the newest events first, of one account, of one kind, since a time, and so many", async () => {
    const where = await installationOn(database);
    for (const email of ["ada@example.com", "eve@example.com"])
      await runCommand(["users", "create", "--email", email, "--password-stdin", ...where], {
        environment: {},
        print: () => undefined,
        input: async function* () {
          yield Buffer.from("tangerine violin ledger\n");
        },
      });
    await printedBy("users", "disable", "eve@example.com", ...where);
    await printedBy("users", "enable", "eve@example.com", ...where);
    const listed = async (...args: string[]) =>
      (await printedBy("audit", "list", "--json", ...args, ...where))
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as { seq: number; event: string; user_id: string; actor_id: string });
    const all = await listed();
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => all.length - index));
    const eve = await listed("--account", "EVE@example.com");
    expect(eve.map(({ event }) => event)).toEqual(["account_enabled", "account_disabled", "account_created"]);
    expect(eve[0]).toMatchObject({ actor_id: "command line" });
    expect(await listed("--event", "account_created")).toHaveLength(2);
    expect(await listed("--event", "account_created", "--account", "ada@example.com")).toHaveLength(1);
    expect(await listed("--limit", "2")).toEqual(all.slice(0, 2));
    expect(await listed("--since", "2001-01-01")).toEqual(all);
    expect(await listed("--since", "2999-01-01T00:00:00Z")).toEqual([]);
    const id = eve[0]?.user_id ?? "";
    await printedBy("users", "delete", "eve@example.com", "--yes", ...where);
    expect((await listed("--account", id)).map(({ event }) => event)).toContain("account_deleted");
    expect(await printedBy("audit", "list", "--limit", "1", ...where)).toMatch(
      new RegExp(`^\\d+  20\\S+Z  account_deleted  account ${id}  by command line`),
    );
    for (const args of [
      ["--event", "nonsense"],
      ["--since", "yesterday"],
      ["--limit", "0"],
      ["--limit", "many"],
    ])
      await expect(listed(...args)).rejects.toMatchObject({ name: "ConfigError" });
  });
});

test("a long trail is read piece by piece, and nothing between the pieces is lost or shown twice", async () => {
  const { dataDir } = await newInstallation();
  for (let made = 0; made < 3; made++)
    await (await startServer(dataDir, undefined, made % 2 === 0 ? "RS256" : "ES256")).stop();
  const file = new Sqlite(join(dataDir, "countersign.db"));
  const known = file.prepare("select seq, event from audit order by seq desc").all() as { seq: number }[];
  // Far apart, as between a million others.
  file.exec("update audit set seq = -seq * 19999; update audit set seq = -seq");
  file.close();
  const listed = await printedBy("audit", "list", "--json", "--limit", "1000", "--data-dir", dataDir);
  const rows = listed.trim().split("\n");
  expect(rows.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
    known.map(({ seq }) => seq * 19_999),
  );
});
