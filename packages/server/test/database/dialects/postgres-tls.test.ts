import { sql } from "kysely";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../../src/settings/settings.ts";
import { readPostgresUrl } from "../../../src/settings/database-url.ts";
import { tlsOf } from "../../../src/database/dialects/tls.ts";
import { openStore } from "../store.ts";
import { newAuthority } from "../../certificates.ts";
import { newPostgresUrl } from "../../postgres.ts";
import { type PostgresCluster, startPostgres } from "../../postgres-cluster.ts";

describe("what a URL says about TLS", () => {
  test.each([
    ["postgres://db.example.com/app", "verify_full"],
    ["postgresql://user:secret@10.0.0.5:5432/app", "verify_full"],
    ["postgres://user:p%40ss@db/app?application_name=x", "verify_full"],
    ["postgres://[2001:db8::1]/app", "verify_full"],
    ["postgres://localhost.example.com/app", "verify_full"],
    ["postgres://127.0.0.1.example.com/app", "verify_full"],
    ["postgres://127.1/app", "verify_full"],
    // Whom the environment names.
    ["postgres:///app", "verify_full"],
    ["postgres://user:secret@/app", "verify_full"],
    // What looks like a loopback address is a name or a password here.
    ["postgres://localhost:secret@db.example.com/app", "verify_full"],
    ["postgres://db.example.com#@localhost/app", "verify_full"],
    ["postgres://localhost/app?host=db.example.com", "verify_full"],
    ["postgres://localhost/app?host=localhost&host=db.example.com", "verify_full"],

    ["postgres://localhost/app", "none"],
    ["postgres://user:secret@127.0.0.1:5432/app", "none"],
    ["postgres://127.9.8.7/app", "none"],
    ["postgres://[::1]:5432/app", "none"],
    ["postgres://%2Fvar%2Frun%2Fpostgresql/app", "none"],
    ["postgres://user:secret@/app?host=/var/run/postgresql", "none"],

    ["postgres://db.example.com/app?sslmode=disable", "none"],
    ["postgres://db.example.com/app?sslmode=no-verify", "unverified"],
    ["postgres://db.example.com/app?sslmode=require", "verify_full"],
    ["postgres://db.example.com/app?sslmode=verify-ca&sslrootcert=ca.pem", "verify_ca"],
    ["postgres://db.example.com/app?sslmode=verify-full&sslrootcert=system", "verify_full"],
    ["postgres://localhost/app?sslmode=verify-full", "verify_full"],
    ["postgres://localhost/app?sslrootcert=ca.pem", "verify_full"],
  ])("TP-03: %s is %s", (url, protection) => {
    expect(readPostgresUrl(url)).toMatchObject({ protection });
  });

  test.each([
    ["sslmode=prefer", "sslmode of the database URL must be one of disable,"],
    ["sslmode=allow", "sslmode of the database URL must be one of disable,"],
    ["sslmode=VERIFY-FULL", "sslmode of the database URL must be one of disable,"],
    ["sslmode=", "sslmode of the database URL must be one of disable,"],
    ["sslmode=toString", "sslmode of the database URL must be one of disable,"],
    ["sslmode=verify-full&sslmode=disable", "more than one sslmode"],
    ["sslmode=verify-ca", "needs sslrootcert"],
    ["sslmode=verify-ca&sslrootcert=system", "needs sslrootcert"],
    ["ssl=true", "no more than sslmode"],
    ["ssl=0", "no more than sslmode"],
    ["sslnegotiation=direct", "no more than sslmode"],
    ["sslcrl=x", "no more than sslmode"],
    ["uselibpqcompat=true&sslmode=require", "no more than sslmode"],
  ])("TP-03: %s is a mistake, told without the password", async (query, message) => {
    const url = `postgres://user:hunter2@db.example.com/app?${query}`;
    expect(() => readPostgresUrl(url)).toThrow(TypeError);
    expect(() => readPostgresUrl(url)).toThrow(message);
    await expect(openStore({ url })).rejects.toThrow(TypeError);
    const configure = (): unknown => readOptions({ issuer: "https://api.example.com", databaseUrl: url });
    expect(configure).toThrow(message);
    expect(configure).not.toThrow("hunter2");
  });

  test("TP-03: what is no URL is a mistake as well", () => {
    expect(() => readPostgresUrl("postgres://user:hunter2@db:port/app")).toThrow("cannot be read");
    for (const written of ["1/2", "1?2", "1#2"])
      expect(() => readPostgresUrl(`postgres://user:${written}@db/app`)).toThrow(
        "must be written %2F %3F %23",
      );
    for (const fine of [
      "user:1%2F2@db/app",
      "db:5432/app?application_name=a@b",
      "u:p@db/a%40b?host=/run/x@y",
    ])
      expect(readPostgresUrl(`postgres://${fine}`)).toMatchObject({ files: {} });
  });

  test("TP-03: the driver is told by us alone, and reads the rest as it stands", () => {
    const url =
      "postgres://u:p%40@localhost/a?sslmode=disable&options=-c%20search_path%3Dx%3F&sslrootcert=a.pem";
    const { connectionStrings, files } = readPostgresUrl(url);
    expect(connectionStrings).toEqual(["postgres://u:p%40@localhost/a?options=-c+search_path%3Dx%3F"]);
    expect(files).toEqual({ ca: "a.pem" });
    expect(readPostgresUrl("postgres://localhost/a?sslmode=disable").connectionStrings).toEqual([
      "postgres://localhost/a",
    ]);
    expect(tlsOf(readPostgresUrl(url))).toBe(false);
  });
});

describe("a server with TLS, under a certificate for localhost", () => {
  const authority = newAuthority("An authority of our own");
  let cluster: PostgresCluster;
  let folder: string;
  let databaseUrl: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-tls-"));
    const client = authority.issue("a client");
    const files = {
      "authority.pem": authority.certificate,
      "other.pem": newAuthority("Another authority").certificate,
      "client.pem": client.certificate,
      "client.key": client.privateKey,
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const server = authority.issue("a server", "localhost");
    cluster = await startPostgres({ tls: { ...server, authority: authority.certificate } });
    databaseUrl = await cluster.newSchema();
  });
  afterAll(async () => {
    await cluster.destroy();
    await rm(folder, { recursive: true });
  });

  /** How the connection is protected as the server sees it. */
  async function connect(host: string, query: string): Promise<unknown> {
    const url = databaseUrl.replace("127.0.0.1", host) + query.replaceAll("=./", `=${folder}/`);
    const store = await openStore({ url });
    try {
      const { rows } = await sql<object>`
        select ssl, client_dn from pg_stat_ssl where pid = pg_backend_pid()
      `.execute(store.db);
      return rows[0];
    } finally {
      await store.close();
    }
  }

  const encrypted = { ssl: true, client_dn: null };
  const authorityGiven = "&sslrootcert=./authority.pem";
  const identified = `${authorityGiven}&sslcert=./client.pem&sslkey=./client.key`;

  test.each([
    ["localhost", `&sslmode=verify-full${authorityGiven}`, encrypted],
    ["localhost", authorityGiven, encrypted],
    ["localhost", `&sslmode=require${authorityGiven}`, encrypted],
    ["localhost", identified, { ssl: true, client_dn: "/CN=a client" }],
    ["127.0.0.1", `&sslmode=verify-ca${authorityGiven}`, encrypted],
    ["127.0.0.1", "&sslmode=no-verify", encrypted],
    ["localhost", "", { ssl: false, client_dn: null }],
    ["localhost", "&sslmode=disable", { ssl: false, client_dn: null }],
  ])("TP-03: is reached as %s with %s", async (host, query, protection) => {
    expect(await connect(host, query)).toEqual(protection);
  });

  test.each([
    ["127.0.0.1", `&sslmode=verify-full${authorityGiven}`, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["localhost", "&sslmode=verify-full", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["localhost", "&sslmode=require", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["localhost", "&sslmode=verify-full&sslrootcert=./other.pem", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["127.0.0.1", "&sslmode=verify-ca&sslrootcert=./other.pem", "SELF_SIGNED_CERT_IN_CHAIN"],
  ])("TP-03: is refused as %s with %s, and the operator told why", async (host, query, code) => {
    await expect(connect(host, query)).rejects.toMatchObject({
      name: "StoreError",
      code: "unavailable",
      message: expect.stringContaining(`certificate is not accepted (${code})`),
    });
  });
});

test("TP-03: a server without TLS is not talked to in plain text unless that was asked for", async () => {
  const url = await newPostgresUrl();
  await expect(openStore({ url: `${url}&sslmode=verify-full` })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("takes no TLS here"),
  });
  await (await openStore({ url: `${url}&sslmode=disable` })).close();
});
