// countersign audit prune, and the exports that prove what is gone, on both databases.
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import type { IntactChain } from "../../src/audit/chain.ts";
import { openStore } from "../database/store.ts";
import { newPostgresUrl } from "../postgres.ts";
import { newFolder, printedBy, startServer } from "./installations.ts";
import { startServed } from "./served.ts";

interface Place {
  readonly dataDir: string;
  readonly url: string;
  readonly where: readonly string[];
}

async function newPlace(database: string, events = 0): Promise<Place> {
  const dataDir = await newFolder();
  const url = database === "SQLite" ? `sqlite:${dataDir}/countersign.db` : await newPostgresUrl();
  const server = await startServer(dataDir, url);
  for (let recorded = 0; recorded < events; recorded += 1000) {
    await server.store.database.change(async ({ record }) => {
      for (let index = 0; index < 1000; index += 1) record({ event: "login_failed", detail: { index } });
    });
  }
  await server.stop();
  return { dataDir, url, where: ["--data-dir", dataDir, "--database-url", url] };
}

/** A moment that lies between what was recorded and what will be. */
async function between(): Promise<string> {
  await pause(5);
  const moment = new Date().toISOString();
  await pause(5);
  return moment;
}

async function verdictAt({ where }: Place, ...args: string[]): Promise<IntactChain> {
  return JSON.parse(await printedBy("audit", "verify", "--json", ...args, ...where)) as IntactChain;
}

const rotate = ({ where }: Place) => printedBy("keys", "rotate", "--immediately", ...where);

describe.each(["SQLite", "PostgreSQL"])("countersign audit prune on %s", (database) => {
  test("AU-06: what was exported and what is left prove each other, part after part", async () => {
    const place = await newPlace(database);
    const { where, dataDir } = place;
    const save = async (name: string, ...args: string[]): Promise<string> => {
      const file = join(dataDir, name);
      await writeFile(file, await printedBy("audit", "export", ...args, ...where));
      return file;
    };
    await rotate(place);
    const first = await between();
    await rotate(place);
    const second = await between();
    await rotate(place);
    const whole = await verdictAt(place);

    const firstPart = await save("first.jsonl", "--before", first);
    const { rows: old, hash } = await verdictAt(place, "--file", firstPart);
    expect(old).toBeLessThan(whole.rows);
    const prune = (...args: string[]) => printedBy("audit", "prune", ...args, ...where);
    await expect(prune("--before", first, "--expect", "A".repeat(43), "--yes")).rejects.toThrow(
      /nothing was removed/,
    );
    await expect(prune("--before", first)).rejects.toThrow("say --yes");
    expect(await verdictAt(place)).toEqual(whole);
    const json = await prune("--before", first, "--expect", hash, "--yes", "--json");
    expect(JSON.parse(json)).toEqual({ removed: old, last: old, hash, rows: whole.rows - old });

    expect(await verdictAt(place)).toMatchObject({
      prunedRows: old,
      prunedHash: hash,
      rows: whole.rows - old + 1,
      sealedRows: whole.rows - old + 1,
    });
    expect(await printedBy("audit", "verify", "--expect", hash, ...where)).toContain(
      `It begins after event ${old}, which had the hash ${hash}`,
    );
    expect(await printedBy("audit", "list", "--event", "trail_pruned", ...where)).toMatch(
      new RegExp(
        `^${whole.rows + 1}  \\S+  trail_pruned  by command line  .*"events":${old},"last":${old},"hash":"${hash}"`,
      ),
    );

    // The next part begins where the first one ends, and what is left where that one ends.
    const secondPart = await save("second.jsonl", "--before", second);
    expect(await verdictAt(place, "--file", secondPart)).toMatchObject({ prunedRows: old, prunedHash: hash });
    await prune("--before", second, "--yes");
    const rest = await save("rest.jsonl");
    const { hash: secondHash } = await verdictAt(place, "--file", secondPart);
    expect(await verdictAt(place, "--file", rest)).toMatchObject({ prunedHash: secondHash });
    expect(await verdictAt(place, "--file", firstPart)).toMatchObject({ prunedRows: 0, hash });
    await verdictAt(place, "--file", secondPart, "--expect", hash);
    expect(await prune("--before", second, "--yes")).toMatch(/^No event at the beginning/);
  }, 60_000);

  test("AU-05: no line of a part or of a rest can be altered, removed, added or used as another", async () => {
    const place = await newPlace(database);
    const { where, dataDir } = place;
    await rotate(place);
    const moment = await between();
    await rotate(place);
    const part = await linesOf("--before", moment);
    await printedBy("audit", "prune", "--before", moment, "--yes", ...where);
    const rest = await linesOf();
    async function linesOf(...args: string[]): Promise<string[]> {
      return (await printedBy("audit", "export", ...args, ...where)).trimEnd().split("\n");
    }
    const file = join(dataDir, "export.jsonl");
    const judge = async (lines: readonly string[]): Promise<string> => {
      await writeFile(file, `${lines.join("\n")}\n`);
      return printedBy("audit", "verify", "--file", file, ...where);
    };
    const [start = ""] = rest;
    const end = part.at(-1) ?? "";
    expect(start).toMatch(/^\{"start":/);
    expect(end).toMatch(/^\{"part":/);
    for (const lines of [part, rest]) {
      expect(await judge(lines)).toContain("is whole");
      for (const index of lines.keys()) {
        await expect(judge(lines.toSpliced(index, 1))).rejects.toThrow("the audit trail is broken");
        const line = lines[index] ?? "";
        await expect(judge(lines.toSpliced(index, 0, line))).rejects.toThrow("the audit trail is broken");
        for (const altered of [line.replace(/"seq":\d/, "$&1"), line.replace(/"(?:hash|seal)":"/, "$&x")])
          await expect(judge(lines.with(index, altered))).rejects.toThrow("the audit trail is broken");
      }
    }
    await expect(judge([...part.slice(0, -1), end.replace("part", "end")])).rejects.toThrow(
      "not what was sealed",
    );
    await expect(judge(rest.with(0, end.replace("part", "start")))).rejects.toThrow(
      "nobody with the master key",
    );
    await expect(judge([start.replace("start", "end")])).rejects.toThrow("the audit trail is broken");
    // Both in one file are the trail as it was.
    await expect(judge([...part.slice(0, -1), ...rest.slice(1)])).resolves.toContain("is whole");
  }, 60_000);

  test("AU-06: killed after the first events are gone the trail is whole, and run again it ends", async () => {
    const place = await newPlace(database, 2000);
    const moment = await between();
    await rotate(place);
    const command = ["audit", "prune", "--before", moment, "--yes", ...place.where];
    const program = join(import.meta.dirname, "pruning-process.ts");
    const killed = spawnSync(process.execPath, ["--conditions=@countersign/source", program, ...command], {
      encoding: "utf8",
      env: {},
      timeout: 60_000,
    });
    expect(killed).toMatchObject({ signal: "SIGKILL", stderr: "" });
    expect(await verdictAt(place)).toMatchObject({ outcome: "intact", prunedRows: 500 });
    const { removed } = JSON.parse(await printedBy(...command, "--json")) as { removed: number };
    expect(removed).toBeGreaterThan(1000);
    expect(await verdictAt(place)).toMatchObject({ outcome: "intact", prunedRows: 500 + removed });
    const told = await printedBy("audit", "list", "--event", "trail_pruned", ...place.where);
    expect(told.trimEnd().split("\n")).toHaveLength(2);
  }, 120_000);

  test("AU-06: while it prunes, people log in; what a thief of the database does to the trail stops it", async () => {
    const place = await newPlace(database, 10_000);
    const { where, dataDir, url } = place;
    const moment = await between();
    const served = await startServed("--data-dir", dataDir, "--database", url);
    onTestFinished(() => void served.process.kill("SIGKILL"));
    const post = (path: string): Promise<Response> =>
      fetch(served.url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: "ada@example.com", password: "tangerine violin ledger" }),
      });
    expect((await post("/signup")).status).toBe(201);
    const pruning = { done: false };
    const pruned = printedBy("audit", "prune", "--before", moment, "--yes", "--json", ...where).finally(
      () => (pruning.done = true),
    );
    const statuses: number[] = [];
    do statuses.push((await post("/login")).status);
    while (!pruning.done);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const { removed } = JSON.parse(await pruned) as { removed: number };
    expect(removed).toBeGreaterThanOrEqual(10_000);
    expect(await verdictAt(place)).toMatchObject({ outcome: "intact", prunedRows: removed });
    expect(await served.stop()).toBe(0);

    const store = await openStore({ url });
    await sql`update audit set address = '198.51.100.1' where seq = ${removed + 2}`.execute(store.db);
    await store.close();
    const now = await between();
    await expect(printedBy("audit", "prune", "--before", now, "--yes", ...where)).rejects.toThrow(
      `event ${removed + 2} is not as it was written; nothing was removed`,
    );
    await expect(verdictAt(place)).rejects.toThrow("not as it was written");
  }, 120_000);
});

test("a time that is none, or is to come, is refused", async () => {
  const { where } = await newPlace("SQLite");
  for (const before of [[], ["--before", "yesterday"], ["--before", "2026"], ["--before", "2999-01-01"]])
    for (const verb of before.length > 0 ? ["prune", "export"] : ["prune"])
      await expect(printedBy("audit", verb, ...before, ...where)).rejects.toMatchObject({
        name: "ConfigError",
      });
});

test("a trail of events with long details is exported through the socket of a server", async () => {
  const { dataDir, where } = await newPlace("SQLite");
  const server = await startServer(dataDir);
  await server.store.database.change(async ({ record }) => {
    const ids = Array.from({ length: 500 }, (_, index) => `an-account-with-the-number-${index}`);
    for (let batch = 0; batch < 40; batch += 1)
      record({ event: "accounts_imported", detail: { count: ids.length, ids } });
  });
  await server.stop();
  const served = await startServed("--data-dir", dataDir);
  onTestFinished(() => void served.process.kill("SIGKILL"));
  const lines = (await printedBy("audit", "export", ...where)).trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(40);
  expect(lines.at(-1)).toMatch(/^\{"end":/);
});
