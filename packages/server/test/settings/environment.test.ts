import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { optionsOfEnvironment } from "../../src/settings/environment.ts";

/** What an environment is refused for. */
function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    optionsOfEnvironment(environment);
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
}

async function newFile(text: string, mode = 0o600): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-secret-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "secret");
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

const newSecret = (): string => randomBytes(32).toString("base64url");

describe("the environment", () => {
  test("says each option that can be set in code; an empty variable counts as none", () => {
    const secret = newSecret();
    const masterKey = newSecret();
    expect(
      optionsOfEnvironment({
        PATH: "/usr/bin",
        COUNTERSIGN_ISSUER: "https://api.example.com",
        COUNTERSIGN_AUDIENCE: "",
        COUNTERSIGN_DATABASE_URL: "postgres://localhost/app",
        COUNTERSIGN_DATA_DIR: "/var/lib/countersign",
        COUNTERSIGN_MASTER_KEY: masterKey,
        COUNTERSIGN_ALGORITHM: "Ed25519",
        COUNTERSIGN_INITIAL_ALGORITHM: "ES256",
        COUNTERSIGN_ACCESS_TOKEN_TTL_SECONDS: "60",
        COUNTERSIGN_INTROSPECTION_CLIENTS: JSON.stringify({ api: secret }),
        COUNTERSIGN_FEED: "followers",
        COUNTERSIGN_FEED_FOLLOWERS: JSON.stringify({ posts: secret }),
        COUNTERSIGN_SESSION_STORE: "memory",
        COUNTERSIGN_SESSION_IDLE_SECONDS: "3600",
        COUNTERSIGN_SESSION_ABSOLUTE_SECONDS: "7200",
        COUNTERSIGN_MAX_SESSIONS_PER_USER: "5",
        COUNTERSIGN_RENEWALS_PER_MINUTE: "60",
        COUNTERSIGN_ALLOWED_ORIGINS: "https://app.example.com, http://localhost:5173",
      }),
    ).toEqual({
      issuer: "https://api.example.com",
      databaseUrl: "postgres://localhost/app",
      dataDir: "/var/lib/countersign",
      masterKey,
      algorithm: "Ed25519",
      initialAlgorithm: "ES256",
      accessTokenTtlSeconds: 60,
      introspectionClients: { api: secret },
      feed: "followers",
      feedFollowers: { posts: secret },
      sessionStore: "memory",
      sessionIdleSeconds: 3600,
      sessionAbsoluteSeconds: 7200,
      maxSessionsPerUser: 5,
      renewalsPerMinute: 60,
      allowedOrigins: ["https://app.example.com", "http://localhost:5173"],
    });
  });

  test.each(["many", "-1", "1.5", " 5", "10001", "1e3"])(
    "SE-05: says no number of sessions with %j, and the mistake has the variable's name",
    (text) => {
      expect(problemsOf({ COUNTERSIGN_MAX_SESSIONS_PER_USER: text })).toEqual([
        "COUNTERSIGN_MAX_SESSIONS_PER_USER must be a whole number from 1 to 10000",
      ]);
    },
  );

  test.each([
    ["unlimited", null],
    ["1", 1],
    ["", undefined],
  ])("RR-10: says with %j renewals a minute: %j", (text, expected) => {
    const options = optionsOfEnvironment({ COUNTERSIGN_RENEWALS_PER_MINUTE: text });
    expect(options.renewalsPerMinute).toBe(expected);
  });

  test.each(["0", "null", "none", "Infinity", "0.5"])("RR-10: says no number of renewals with %j", (text) => {
    expect(problemsOf({ COUNTERSIGN_RENEWALS_PER_MINUTE: text })).toEqual([
      'COUNTERSIGN_RENEWALS_PER_MINUTE must be a whole number from 1 to 10000, or "unlimited" (null in code)',
    ]);
  });

  test.each([
    "api:secret",
    "[]",
    '"x"',
    "null",
    '{"api":1}',
    '{"a\\u0007b":"0f1e2d3c4b5a69788796a5b4c3d2e1f0"}',
  ])("says no map of secrets with %j", (text) => {
    expect(problemsOf({ COUNTERSIGN_INTROSPECTION_CLIENTS: text })).toEqual([
      "COUNTERSIGN_INTROSPECTION_CLIENTS must map client ids to secrets of 32 characters at least",
    ]);
  });

  test("with names that nobody knows is refused, with the nearest of each and every other mistake", () => {
    expect(
      problemsOf({
        COUNTERSIGN_DATABSE_URL: "sqlite::memory:",
        COUNTERSIGN_DATA_DIR_FILE: "/run/secrets/x",
        COUNTERSIGN_ALGORITHM: "none",
        COUNTERSIGNATURE: "no variable of ours",
      }),
    ).toEqual([
      "there is no variable COUNTERSIGN_DATABSE_URL; the nearest is COUNTERSIGN_DATABASE_URL",
      "there is no variable COUNTERSIGN_DATA_DIR_FILE; the nearest is COUNTERSIGN_DATA_DIR",
      "COUNTERSIGN_ALGORITHM must be HS256, ES256, Ed25519 or RS256",
    ]);
  });

  test("says nothing to a program of one's own of what countersign serve alone decides", () => {
    expect(problemsOf({ COUNTERSIGN_PORT: "3000" })).toEqual([
      expect.stringContaining("COUNTERSIGN_PORT is for countersign serve alone"),
    ]);
  });

  test("may hold Kubernetes' variables for services called like ours, which are named and ignored", () => {
    const links = {
      COUNTERSIGN_SERVICE_HOST: "10.0.0.1",
      COUNTERSIGN_SERVICE_PORT: "3001",
      COUNTERSIGN_SERVICE_PORT_HTTP: "3001",
      COUNTERSIGN_PORT: "tcp://10.0.0.1:3001",
      COUNTERSIGN_PORT_3001_TCP: "tcp://10.0.0.1:3001",
      COUNTERSIGN_PORT_3001_TCP_PROTO: "tcp",
      COUNTERSIGN_PORT_3001_TCP_PORT: "3001",
      COUNTERSIGN_PORT_3001_TCP_ADDR: "10.0.0.1",
      COUNTERSIGN_POSTGRES_SERVICE_HOST: "10.0.0.2",
      COUNTERSIGN_POSTGRES_PORT: "tcp://10.0.0.2:5432",
      COUNTERSIGN_POSTGRES_PORT_5432_TCP: "tcp://10.0.0.2:5432",
    };
    const told: string[] = [];
    const options = optionsOfEnvironment({ ...links, COUNTERSIGN_AUDIENCE: "posts" }, (names) =>
      told.push(...names),
    );
    expect(options).toEqual({ audience: "posts" });
    expect(told).toEqual(Object.keys(links));
    expect(problemsOf({ COUNTERSIGN_POSTGRES_PORT: "5432", COUNTERSIGN_PORT_3001: "x" })).toHaveLength(2);
  });
});

describe("a secret in a file", () => {
  test("stands for the variable: a symlink, 0440 or 0444, its line end left out", async () => {
    const masterKey = newSecret();
    const mounted = await newFile(`${masterKey}\n`, 0o440);
    const link = `${mounted}.link`;
    await symlink(mounted, link);
    expect(optionsOfEnvironment({ COUNTERSIGN_MASTER_KEY_FILE: link })).toEqual({ masterKey });
    const clients = { api: newSecret() };
    const json = await newFile(`${JSON.stringify(clients, null, 2)}\r\n`, 0o444);
    const url = await newFile("postgres://app:%70w@localhost/app");
    expect(
      optionsOfEnvironment({
        COUNTERSIGN_INTROSPECTION_CLIENTS_FILE: json,
        COUNTERSIGN_DATABASE_URL_FILE: url,
        COUNTERSIGN_DATABASE_URL: "",
      }),
    ).toEqual({ introspectionClients: clients, databaseUrl: "postgres://app:%70w@localhost/app" });
  });

  test("beside the variable itself is refused, and an empty variable of a secret too", async () => {
    const file = await newFile(newSecret());
    const both = { COUNTERSIGN_MASTER_KEY: newSecret(), COUNTERSIGN_MASTER_KEY_FILE: file };
    expect(problemsOf(both)).toEqual([
      "COUNTERSIGN_MASTER_KEY and COUNTERSIGN_MASTER_KEY_FILE are both set: take one of them away",
    ]);
    for (const name of ["COUNTERSIGN_MASTER_KEY", "COUNTERSIGN_MASTER_KEY_FILE"]) {
      expect(problemsOf({ [name]: "" })).toEqual([expect.stringContaining(`${name} is empty`)]);
    }
  });

  test("that cannot be one is refused, with its path and nothing of what it holds", async () => {
    const masterKey = newSecret();
    const writable = await newFile(masterKey, 0o666);
    const large = await newFile("");
    await truncate(large, 64 * 1024 + 1);
    const files = [
      [`${writable}.missing`, `names a file that cannot be read (ENOENT): ${writable}.missing`],
      [writable, `names a file that everybody can write: chmod o-w ${writable}`],
      [await newFile("\n"), expect.stringContaining("names an empty file")],
      [tmpdir(), `names no file: ${tmpdir()}`],
      [large, expect.stringContaining("names a file of over 65536 bytes")],
      [await newFile(masterKey.slice(1)), expect.stringMatching(/^must be 32 random bytes/)],
    ] as const;
    for (const [path, problem] of files) {
      const [told = "", ...more] = problemsOf({ COUNTERSIGN_MASTER_KEY_FILE: path });
      expect(told.replace("COUNTERSIGN_MASTER_KEY_FILE ", "")).toEqual(problem);
      expect(more).toEqual([]);
      expect(told).not.toContain(masterKey.slice(1));
    }
  });
});
