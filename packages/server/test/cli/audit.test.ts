import { sql } from "kysely";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../database/store.ts";
import { countersign, newInstallation, printedBy, startServer } from "./installations.ts";

describe("countersign audit verify", () => {
  test("AU-05: ends with 0 for a whole trail and with 1 for an altered one, and says where", async () => {
    const { dataDir } = await newInstallation();
    const where = ["--data-dir", dataDir];
    for (let i = 0; i < 3; i++) await printedBy("keys", "rotate", "--immediately", ...where);
    expect(await printedBy("audit", "verify", ...where)).toMatch(
      /^The audit trail is whole: 7 events, the last with the hash [\w-]{43}\.\n$/,
    );
    const json = await printedBy("audit", "verify", "--json", ...where);
    expect(JSON.parse(json)).toMatchObject({ outcome: "intact", rows: 7 });
    expect(countersign("audit", "verify", ...where)).toMatchObject({ status: 0, stderr: "" });

    const verifiedAfter = async (statement: string): Promise<void> => {
      const store = await openStore({ url: `sqlite:${dataDir}/countersign.db` });
      await sql.raw(statement).execute(store.db);
      await store.close();
      await printedBy("audit", "verify", ...where);
    };
    const more =
      "select 8, at, event, actor_id, user_id, sid, address, detail, hash from audit where seq = 7";
    await expect(verifiedAfter(`insert into audit ${more}`)).rejects.toThrow("event 8 was added");
    await verifiedAfter("delete from audit where seq = 8");
    await expect(verifiedAfter("update journal set audit_hash = 'x'")).rejects.toThrow("its end, event 7");
    await expect(verifiedAfter("update audit set actor_id = 'another' where seq = 4")).rejects.toThrow(
      "event 4 is not as it was written",
    );
    await expect(verifiedAfter("delete from audit where seq = 2")).rejects.toThrow("event 2 is missing");
    expect(countersign("audit", "verify", "--json", ...where)).toEqual(
      expect.objectContaining({
        status: 1,
        stdout: expect.stringContaining('"outcome": "broken"'),
        stderr: "countersign: the audit trail is broken: event 2 is missing\n",
      }),
    );
  });

  test("AU-05: a wiped trail is not whole, whatever agrees with itself and however often a server starts", async () => {
    const { dataDir } = await newInstallation();
    const where = ["--data-dir", dataDir];
    const url = `sqlite:${dataDir}/countersign.db`;
    const store = await openStore({ url });
    await sql`delete from audit`.execute(store.db);
    await sql`update journal set audit_seq = 0, audit_hash = '', audit_seal = null, audit_seal_seq = null`.execute(
      store.db,
    );
    await store.close();
    await expect(printedBy("audit", "verify", ...where)).rejects.toThrow("is not what was sealed");
    await (await startServer(dataDir)).stop();
    await printedBy("keys", "rotate", "--immediately", ...where);
    await expect(printedBy("audit", "verify", ...where)).rejects.toThrow("is not what was sealed");
  });

  test("AU-05: --expect finds the hash that was noted, as long as the trail goes on from there", async () => {
    const { dataDir } = await newInstallation();
    const where = ["--data-dir", dataDir];
    const { hash } = JSON.parse(await printedBy("audit", "verify", "--json", ...where)) as { hash: string };
    await printedBy("keys", "rotate", "--immediately", ...where);
    await printedBy("audit", "verify", "--expect", hash, ...where);
    await expect(printedBy("audit", "verify", "--expect", "A".repeat(43), ...where)).rejects.toThrow(
      "no event in it has the expected hash",
    );
  });

  test("AU-05: an export proves itself, and no line of it can be altered, removed or added", async () => {
    const { dataDir } = await newInstallation();
    const where = ["--data-dir", dataDir];
    await printedBy("keys", "rotate", "--immediately", ...where);
    const lines = (await printedBy("audit", "export", ...where)).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    const file = join(dataDir, "export.jsonl");
    const judge = async (text: readonly string[]): Promise<string> => {
      await writeFile(file, `${text.join("\n")}\n`);
      return printedBy("audit", "verify", "--file", file, ...where);
    };
    expect(await judge(lines)).toContain(`is whole: ${lines.length - 1} events`);
    for (const index of lines.keys()) {
      await expect(judge(lines.toSpliced(index, 1))).rejects.toThrow("the audit trail is broken");
      const altered = lines.with(index, (lines[index] ?? "").replace(/"(?:at|seq)":\d/, "$&1"));
      await expect(judge(altered)).rejects.toThrow("the audit trail is broken");
    }
    await expect(judge([...lines.slice(0, -2), lines.at(-1) ?? ""])).rejects.toThrow("broken");
    await expect(judge([])).rejects.toThrow("broken");
    await expect(printedBy("audit", "verify", "--file", join(dataDir, "none"), ...where)).rejects.toThrow(
      "--file",
    );
  });

  test("refuses arguments that make no sense", async () => {
    const usage = expect.objectContaining({ name: "ConfigError" });
    for (const args of [
      [],
      ["nonsense"],
      ["verify", "more"],
      ["verify", "--nonsense"],
      ["verify", "--json=1"],
    ]) {
      await expect(printedBy("audit", ...args)).rejects.toThrow(usage);
    }
  });
});
