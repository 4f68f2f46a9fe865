import { createSigner, createVerifier, importJwk, keySet } from "@countersign/token";
import { sql } from "kysely";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openStore } from "../database/store.ts";
import { newPostgresUrl } from "../postgres.ts";
import { countersign, newFolder, newInstallation, printedUnder, startServer } from "./installations.ts";

/** What the command printed; rejects with what it refused. */
function printedBy(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  return printedUnder(environment, "keys", ...args);
}

describe("countersign keys", () => {
  test("lists every key with its state and times, for people and for programs", async () => {
    const { dataDir, kid } = await newInstallation();
    expect(await printedBy(["list", "--data-dir", dataDir])).toMatch(
      new RegExp(`^KID +ALGORITHM +STATE\n${kid} +ES256 +active +signs since 20.+Z\n$`),
    );
    const time = expect.stringMatching(/^20\d\d-.*Z$/);
    expect(JSON.parse(await printedBy(["list", "--json"], { COUNTERSIGN_DATA_DIR: dataDir }))).toEqual([
      {
        kid,
        algorithm: "ES256",
        state: "active",
        created_at: time,
        promote_at: time,
        activated_at: time,
        keep_until: null,
        retired_at: null,
        revoked_at: null,
      },
    ]);
  });

  test("KM-01: rotates: a new key is published now and signs eleven minutes later", async () => {
    const { dataDir, kid } = await newInstallation();
    const where = ["--data-dir", dataDir];
    const next = JSON.parse(await printedBy(["rotate", "--json", ...where])) as Record<string, string>;
    expect(next).toMatchObject({ state: "pending", algorithm: "ES256" });
    expect(Date.parse(next["promote_at"] ?? "") - Date.parse(next["created_at"] ?? "")).toBe(660_000);
    const again = await printedBy(["rotate", ...where]);
    expect(again).toBe(`${next["kid"]} (ES256) signs from ${next["promote_at"]} on.\n`);
    const now = await printedBy(["rotate", "--immediately", ...where]);
    expect(now).toBe(`${next["kid"]} (ES256) signs now.\n`);
    expect(await printedBy(["list", ...where])).toMatch(
      new RegExp(`${kid} +ES256 +retiring +verifies until`),
    );
  });

  test("KM-07: revokes a key, also one whose sealed row is damaged", async () => {
    const { dataDir, kid } = await newInstallation();
    const where = ["--data-dir", dataDir];
    const store = await openStore({ url: `sqlite:${dataDir}/countersign.db` });
    await sql`update signing_keys set sealed = x'00'`.execute(store.db);
    await store.close();
    await expect(startServer(dataDir)).rejects.toThrow(`countersign keys revoke ${kid}`);

    const told = `${kid} is revoked: every token that it signed is refused.\n`;
    expect(await printedBy(["revoke", kid, "--yes", ...where])).toBe(told);
    const again = JSON.parse(await printedBy(["revoke", kid, "--yes", "--json", ...where])) as object;
    expect(again).toEqual({ kid, revoked: true });
    expect(await printedBy(["list", ...where])).toMatch(/retired +revoked 20/);
    await expect(printedBy(["revoke", "none", "--yes", ...where])).rejects.toThrow(
      expect.objectContaining({ name: "KeyError", code: "key_unknown" }),
    );

    const server = await startServer(dataDir);
    expect(server.keys.signingKey().kid).not.toBe(kid);
    expect((await server.store.revocations.snapshot()).keys).toEqual([kid]);
    await server.stop();
  });

  test("KM-05: exports a public key as it is, and a secret only by its unsafe name; the secret verifies tokens", async () => {
    const pair = await newInstallation("ES256");
    const shown = JSON.parse(await printedBy(["export", pair.kid, "--data-dir", pair.dataDir])) as object;
    expect(Object.keys(shown).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);

    const { dataDir, kid } = await newInstallation("HS256");
    const where = ["--data-dir", dataDir];
    const refused = await printedBy(["export", kid, ...where]).catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: "KeyError", code: "key_secret" });
    const printed = await printedBy(["export", "--unsafe-print-secret", kid, ...where]);
    const jwk = JSON.parse(printed) as { k: string; kty: string };
    expect(String(refused)).not.toContain(jwk.k);

    const server = await startServer(dataDir, undefined, "HS256");
    const token = { type: "at+jwt", issuer: "https://issuer.example", audience: "api" } as const;
    const sign = createSigner({ ...token, key: server.keys.signingKey(), lifetimeSeconds: 60 });
    const verify = createVerifier({ ...token, keys: keySet([importJwk(jwk)]) });
    expect(verify(sign({ sub: "1" })).sub).toBe("1");
    const [newest] = await server.store.audit.list({ limit: 1 });
    expect(newest).toMatchObject({ event: "key_exported", actorId: "command line", detail: { kid } });
    await server.stop();
  });

  test("KM-07: beside a running server on PostgreSQL: the server hears of a rotation and a revocation", async () => {
    const dataDir = await newFolder();
    const url = await newPostgresUrl();
    const server = await startServer(dataDir, url);
    onTestFinished(() => server.stop());
    server.keys.start();
    const { kid = "" } = server.keys.signingKey();
    const where = ["--data-dir", dataDir, "--database", url];
    await printedBy(["rotate", ...where]);
    await expect.poll(() => server.keys.jwks().keys.length, { timeout: 20_000 }).toBe(2);
    await printedBy(["revoke", kid, "--yes", ...where]);
    await expect.poll(() => server.keys.signingKey().kid, { timeout: 20_000 }).not.toBe(kid);
    expect(server.keys.jwks().keys.map((key) => key.kid)).not.toContain(kid);
  });

  test("KM-03: refuses the wrong master key, and a data folder without it", async () => {
    const { dataDir } = await newInstallation();
    const other = await newInstallation();
    const args = ["rotate", "--data-dir", other.dataDir, "--database", `sqlite:${dataDir}/countersign.db`];
    const refused = (code: string): unknown => expect.objectContaining({ name: "KeyError", code });
    await expect(printedBy(args)).rejects.toThrow(refused("master_key_wrong"));
    await rm(join(other.dataDir, "master.key"));
    await expect(printedBy(args)).rejects.toThrow(refused("master_key_missing"));
    await writeFile(join(other.dataDir, "master.key"), "changeme", { mode: 0o644 });
    await expect(printedBy(args)).rejects.toThrow(refused("master_key_exposed"));
    const environment = { COUNTERSIGN_MASTER_KEY: "changeme" };
    await expect(printedBy(args, environment)).rejects.toThrow(
      "COUNTERSIGN_MASTER_KEY must be 32 random bytes",
    );
  });

  test("KM-03: with the master key lost, emptying two tables by hand lets a new one begin, and nothing less does", async () => {
    const { dataDir, kid } = await newInstallation();
    await rm(join(dataDir, "master.key"));
    await expect(startServer(dataDir)).rejects.toThrow(/There is data, but no master key/);
    const store = await openStore({ url: `sqlite:${dataDir}/countersign.db` });
    await sql`delete from instance`.execute(store.db);
    await sql`delete from signing_keys`.execute(store.db);
    await store.close();
    const server = await startServer(dataDir);
    expect(server.keys.signingKey().kid).not.toBe(kid);
    await server.stop();
  });

  test("makes no installation where there is none", async () => {
    const dataDir = await newFolder();
    const refused = expect.objectContaining({ name: "ConfigError" });
    await expect(printedBy(["list", "--data-dir", dataDir])).rejects.toThrow(refused);
    expect(existsSync(join(dataDir, "countersign.db"))).toBe(false);
    const empty = ["list", "--data-dir", dataDir, "--database", await newPostgresUrl()];
    await expect(printedBy(empty)).rejects.toThrow(refused);
    expect(existsSync(join(dataDir, "master.key"))).toBe(false);
  });

  test("refuses arguments that make no sense with exit code 2, every mistake at once, before anything is opened", async () => {
    const dataDir = join(await newFolder(), "none");
    const wrong: [string[], RegExp][] = [
      [[], /usage: keys list/],
      [["nonsense"], /usage: keys list/],
      [["constructor"], /usage: keys list/],
      [["list", "a-kid"], /"a-kid" is not expected here/],
      [["revoke"], /keys revoke needs KID, the id of a key/],
      [["revoke", "a-kid", "another"], /"another" is not expected here/],
      [["list", "--nonsense"], /there is no option --nonsense/],
      [["list", "--immediately"], /keys list knows no --immediately/],
      [["rotate", "--unsafe-print-secret"], /keys rotate knows no --unsafe-print-secret/],
      [["list", "--algorithm", "ES256"], /keys list knows no --algorithm/],
      [["rotate", "--algorithm", "RS512"], /--algorithm must be one of HS256, ES256, Ed25519, RS256/],
      [["rotate", "--immediately=no"], /--immediately takes no value/],
    ];
    for (const [args, message] of wrong) {
      await expect(printedBy([...args, "--data-dir", dataDir]), args.join(" ")).rejects.toThrow(message);
    }
    expect(countersign("keys", "revoke", "--immediately", "--nonsense")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/--nonsense[^]*needs KID[^]*knows no --immediately/),
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  test("tells what it does", () => {
    const { status, stdout } = countersign("keys", "--help");
    expect(status).toBe(0);
    for (const word of ["list", "rotate", "revoke KID", "export KID", "--data-dir", "Examples"])
      expect(stdout).toContain(word);
    expect(countersign("--help").stdout).toMatch(/\n {2}keys .*\n {2}audit /);
  });
});
