import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { helpOfCommand } from "../../src/cli/help.ts";
import { readServeOptions, serve } from "../../src/cli/serve.ts";
import { permissions } from "../../src/settings/permissions.ts";
import { optionTable } from "../../src/settings/options.ts";
import { flagsOf, fileFlagOf, fileVariableOf, variableOf } from "../../src/settings/names.ts";
import { newFolder } from "./installations.ts";

function problemsOf(args: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    readServeOptions(args, environment);
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
}

describe("the options of countersign serve", () => {
  test("have defaults of their own", () => {
    expect(readServeOptions([], {})).toEqual({
      host: "127.0.0.1",
      port: 3001,
      trustedProxies: [],
      serviceLinks: [],
      // Whoever can check an HMAC can also forge it, so services elsewhere get public keys.
      options: {
        issuer: "http://127.0.0.1:3001",
        initialAlgorithm: "ES256",
        console: true,
        docs: true,
        admin: true,
      },
    });
    expect(readServeOptions(["--host", "::1", "--port", "80"], {}).options.issuer).toBe("http://[::1]:80");
  });

  test("are all that can be set in code; each has its flag, and the flag wins over the variable", async () => {
    const folder = await newFolder();
    const masterKey = randomBytes(32).toString("base64url");
    const clients = { api: randomBytes(32).toString("base64url") };
    await writeFile(join(folder, "master"), masterKey);
    await writeFile(join(folder, "clients"), JSON.stringify(clients));
    const followers = { posts: randomBytes(32).toString("base64url") };
    await writeFile(join(folder, "followers"), JSON.stringify(followers));
    await writeFile(join(folder, "smtp"), "smtps://auth:pass@mail.example.com");
    const rolePermissions = { admin: [...permissions], support: ["users:read"] };
    const args = {
      "--issuer": "https://auth.example.com",
      "--audience": "posts",
      "--prefix": "/v1/auth",
      "--host": "0.0.0.0",
      "--port": "4000",
      "--trusted-proxies": "10.0.0.1,10.1.0.0/16",
      "--headers-timeout-seconds": "5",
      "--request-timeout-seconds": "6",
      "--idle-timeout-seconds": "61",
      "--write-timeout-seconds": "8",
      "--max-connections": "500",
      "--max-connections-per-address": "50",
      "--drain-delay-seconds": "5",
      "--drain-timeout-seconds": "20",
      "--data-dir": "/srv/auth",
      "--database-url": "postgres://localhost/auth",
      "--database-schema": "auth",
      "--database-timeout-seconds": "3",
      "--hashing-wait-seconds": "4",
      "--hashing-niceness": "19",
      "--master-key-file": join(folder, "master"),
      "--algorithm": "Ed25519",
      "--initial-algorithm": "HS256",
      "--access-token-ttl-seconds": "60",
      "--renewals-per-minute": "unlimited",
      "--introspection-clients-file": join(folder, "clients"),
      "--signup": "invite",
      "--invitation-ttl-seconds": "86400",
      "--signup-domains": "example.com,example.org",
      "--password-min-length": "12",
      "--password-blocklist-file": "/srv/auth/words",
      "--feed": "followers",
      "--feed-followers-file": join(folder, "followers"),
      "--session-store": "memory",
      "--session-idle-seconds": "600",
      "--session-absolute-seconds": "6000",
      "--max-sessions-per-user": "7",
      "--guesses-per-source": "50",
      "--guesses-per-account": "5",
      "--guesses-in-a-row": "20",
      "--signups-per-source": "40",
      "--smtp-url-file": join(folder, "smtp"),
      "--mail-from": "Example <auth@example.com>",
      "--email-verification": "later",
      "--public-url": "https://app.example.com/{page}",
      "--passkey-rp-id": "example.com",
      "--passkey-origins": "https://auth.example.com,https://app.example.com",
      "--allowed-origins": "https://a.example,https://b.example",
      "--metrics-host": "10.0.0.5",
      "--metrics-port": "9464",
      "--role-permissions": JSON.stringify(rolePermissions),
      "--require-second-factor": "admin,support",
    };
    const switches = ["console", "docs", "dev-mail", "new-device-mail", "signup-privacy", "admin"].map(
      (name) => `--${name}=false`,
    );
    const { options, ...where } = readServeOptions(
      [...Object.entries(args).flat(), "--allow-loopback-origins", ...switches],
      {
        COUNTERSIGN_PORT: "9",
        COUNTERSIGN_AUDIENCE: "another",
        COUNTERSIGN_MASTER_KEY: randomBytes(32).toString("base64url"),
      },
    );
    expect(where).toMatchObject({ host: "0.0.0.0", port: 4000, trustedProxies: ["10.0.0.1", "10.1.0.0/16"] });
    expect(options).toEqual({
      issuer: "https://auth.example.com",
      audience: "posts",
      prefix: "/v1/auth",
      headersTimeoutSeconds: 5,
      requestTimeoutSeconds: 6,
      idleTimeoutSeconds: 61,
      writeTimeoutSeconds: 8,
      maxConnections: 500,
      maxConnectionsPerAddress: 50,
      drainDelaySeconds: 5,
      drainTimeoutSeconds: 20,
      dataDir: "/srv/auth",
      databaseUrl: "postgres://localhost/auth",
      databaseSchema: "auth",
      databaseTimeoutSeconds: 3,
      masterKey,
      algorithm: "Ed25519",
      initialAlgorithm: "HS256",
      accessTokenTtlSeconds: 60,
      renewalsPerMinute: null,
      introspectionClients: clients,
      signup: "invite",
      invitationTtlSeconds: 86_400,
      signupDomains: ["example.com", "example.org"],
      passwordMinLength: 12,
      passwordBlocklistFile: "/srv/auth/words",
      feed: "followers",
      feedFollowers: followers,
      sessionStore: "memory",
      sessionIdleSeconds: 600,
      sessionAbsoluteSeconds: 6000,
      maxSessionsPerUser: 7,
      guessesPerSource: 50,
      guessesPerAccount: 5,
      hashingWaitSeconds: 4,
      hashingNiceness: 19,
      guessesInARow: 20,
      signupsPerSource: 40,
      smtpUrl: "smtps://auth:pass@mail.example.com",
      mailFrom: "Example <auth@example.com>",
      publicUrl: "https://app.example.com/{page}",
      devMail: false,
      emailVerification: "later",
      signupPrivacy: false,
      newDeviceMail: false,
      passkeyRpId: "example.com",
      passkeyOrigins: ["https://auth.example.com", "https://app.example.com"],
      allowedOrigins: ["https://a.example", "https://b.example"],
      allowLoopbackOrigins: true,
      console: false,
      docs: false,
      metricsHost: "10.0.0.5",
      metricsPort: 9464,
      admin: false,
      rolePermissions,
      requireSecondFactor: ["admin", "support"],
    });
    const set = [...Object.keys(options), "host", "port", "trustedProxies"];
    const settable = Object.entries(optionTable).filter(([, { only }]) => only !== "code");
    expect(set.toSorted()).toEqual(settable.map(([name]) => name).toSorted());
  });

  test("are told under the name that was used, all at once", () => {
    expect(
      problemsOf(["--port", "http", "--database", "mysql://x", "--prot", "1"], {
        COUNTERSIGN_AUDIENCES: "posts",
        COUNTERSIGN_SESSION_STORE: "redis",
        COUNTERSIGN_MASTER_KEY: "",
      }),
    ).toEqual([
      "there is no option --prot; the nearest is --port; see --help",
      "there is no variable COUNTERSIGN_AUDIENCES; the nearest is COUNTERSIGN_AUDIENCE",
      expect.stringContaining("COUNTERSIGN_MASTER_KEY is empty"),
      "--port must be a whole number from 0 to 65535",
      expect.stringContaining("--database must be"),
      "COUNTERSIGN_SESSION_STORE must be database or memory",
    ]);
  });

  test("need an issuer where no URL follows from the address, and say so once", () => {
    expect(problemsOf(["--host", "0.0.0.0"])).toEqual(["--issuer is needed with --host 0.0.0.0"]);
    expect(problemsOf([], { COUNTERSIGN_PORT: "0" })).toEqual(["--issuer is needed with --port 0"]);
    expect(problemsOf(["--host", "::", "--issuer", "https://auth.example.com"])).toEqual([]);
  });

  test("that are said under two names are refused", () => {
    expect(problemsOf(["--database", "sqlite:a", "--database-url", "sqlite:b"])).toEqual([
      "--database-url and --database are one option: take one of them away",
    ]);
  });

  test("stand in --help, each with its flags and variables", () => {
    const help = helpOfCommand("serve", serve);
    for (const [name, option] of Object.entries(optionTable)) {
      if (option.only === "code") continue;
      const flags = [...flagsOf(name, option), fileFlagOf(name, option)].filter((flag) => flag !== undefined);
      const variables = option.kind.secrecy === undefined ? [] : [fileVariableOf(name)];
      for (const flag of flags) expect(help).toMatch(new RegExp(`--${flag}[ ,\\n]`));
      for (const variable of [variableOf(name), ...variables]) expect(help).toContain(variable);
    }
  });
});
