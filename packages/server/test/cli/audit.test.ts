import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { audit } from "../../src/cli/audit.ts";
import { keys } from "../../src/cli/keys.ts";
import { openStore } from "../database/store.ts";
import { countersign, newInstallation } from "./installations.ts";

async function printedBy(command: typeof audit, ...args: string[]): Promise<string> {
  let printed = "";
  await command.run(args, { environment: {}, print: (text) => void (printed += text) });
  return printed;
}

describe("countersign audit verify", () => {
  test("AU-05: ends with 0 for a whole trail and with 1 for an altered one, and says where", async () => {
    const { dataDir } = await newInstallation();
    const where = ["--data-dir", dataDir];
    for (let i = 0; i < 3; i++) await printedBy(keys, "rotate", "--immediately", ...where);
    expect(await printedBy(audit, "verify", ...where)).toMatch(
      /^The audit trail is whole: 7 events, the last with the hash [\w-]{43}\.\n$/,
    );
    const json = await printedBy(audit, "verify", "--json", ...where);
    expect(JSON.parse(json)).toMatchObject({ outcome: "intact", rows: 7 });
    expect(countersign("audit", "verify", ...where)).toMatchObject({ status: 0, stderr: "" });

    const verifiedAfter = async (statement: string): Promise<void> => {
      const store = await openStore({ url: `sqlite:${dataDir}/countersign.db` });
      await sql.raw(statement).execute(store.db);
      await store.close();
      await printedBy(audit, "verify", ...where);
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

  test("refuses arguments that make no sense", async () => {
    const usage = expect.objectContaining({ name: "ConfigError" });
    for (const args of [
      [],
      ["nonsense"],
      ["verify", "more"],
      ["verify", "--nonsense"],
      ["verify", "--json=1"],
    ]) {
      await expect(printedBy(audit, ...args)).rejects.toThrow(usage);
    }
  });
});
