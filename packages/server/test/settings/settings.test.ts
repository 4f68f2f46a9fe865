import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { countersign } from "../../src/index.ts";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { readOptions } from "../../src/settings/settings.ts";

const issuer = "https://api.example.com";
const everything = ["users:read", "users:write", "roles:write", "sessions:write", "keys:write", "audit:read"];

describe("the options", () => {
  test("need no more than an issuer", () => {
    expect(readOptions({ issuer })).toEqual({
      issuer,
      audience: issuer,
      prefix: "",
      decorator: "auth",
      baseUrl: issuer,
      headersTimeoutSeconds: 10,
      requestTimeoutSeconds: 30,
      idleTimeoutSeconds: 72,
      writeTimeoutSeconds: 20,
      maxConnections: 10_000,
      maxConnectionsPerAddress: 256,
      drainDelaySeconds: 0,
      drainTimeoutSeconds: 10,
      databaseUrl: "sqlite:data/countersign.db",
      databaseTimeoutSeconds: 2,
      dataDir: "data",
      masterKey: undefined,
      algorithm: undefined,
      initialAlgorithm: "HS256",
      accessTokenTtlSeconds: 600,
      claims: undefined,
      claimNames: [],
      hooks: undefined,
      signup: "open",
      invitationTtlSeconds: 604_800,
      signupDomains: [],
      passwordMinLength: 15,
      passwordBlocklistFile: undefined,
      metadataSchema: undefined,
      appMetadataSchema: undefined,
      introspectionClients: new Map(),
      feed: "open",
      feedFollowers: new Map(),
      sessionStore: "database",
      sessionIdleSeconds: 1_209_600,
      sessionAbsoluteSeconds: 2_592_000,
      maxSessionsPerUser: 100,
      sessionLimits: { idleSeconds: 1_209_600, absoluteSeconds: 2_592_000, perUser: 100 },
      renewalsPerMinute: 30,
      guessesPerSource: 100,
      guessesPerAccount: 10,
      hashingWaitSeconds: 2,
      hashingNiceness: 5,
      guessesInARow: 100,
      signupsPerSource: 100,
      smtpUrl: undefined,
      mailFrom: undefined,
      publicUrl: undefined,
      devMail: false,
      emailVerification: "off",
      signupPrivacy: false,
      newDeviceMail: true,
      passkeyRpId: undefined,
      passkeyOrigins: undefined,
      passkeys: { rpId: "api.example.com", origins: ["https://api.example.com"] },
      allowedOrigins: [],
      console: false,
      docs: false,
      metricsHost: "127.0.0.1",
      metricsPort: undefined,
      admin: false,
      rolePermissions: new Map([["admin", everything]]),
      requireSecondFactor: [],
      allowLoopbackOrigins: false,
      origins: new Set([issuer]),
    });
  });

  test("that are set stand, and `undefined` counts as not set", () => {
    const settings = readOptions({
      issuer,
      audience: "posts",
      dataDir: "/var/lib/posts",
      renewalsPerMinute: null,
      allowedOrigins: ["https://app.example.com"],
      introspectionClients: { api: "0f1e2d3c4b5a69788796a5b4c3d2e1f0" },
      accessTokenTtlSeconds: undefined,
    });
    expect(settings).toMatchObject({
      audience: "posts",
      databaseUrl: "sqlite:/var/lib/posts/countersign.db",
      renewalsPerMinute: null,
      accessTokenTtlSeconds: 600,
    });
    expect(settings.introspectionClients.get("api")).toHaveLength(32);
    expect(settings.origins).toEqual(new Set([issuer, "https://app.example.com"]));
  });

  test("report every mistake at once, with what to do and without the value of a secret", () => {
    const wrong = {
      issuer: "api.example.com",
      audience: "",
      headersTimeoutSeconds: 0,
      requestTimeoutSeconds: 3601,
      idleTimeoutSeconds: 1.5,
      writeTimeoutSeconds: -1,
      maxConnections: 0,
      maxConnectionsPerAddress: 0,
      drainDelaySeconds: 301,
      drainTimeoutSeconds: 0,
      databaseUrl: "mysql://root@localhost",
      masterKey: "hunter2",
      algorithm: "none" as "HS256",
      initialAlgorithm: "RS512" as "HS256",
      accessTokenTtlSeconds: 86_400,
      sessionStore: "redis" as "memory",
      feed: "closed" as "open",
      signup: "everybody" as "open",
      invitationTtlSeconds: 3599,
      signupDomains: ["Example.com"],
      passwordMinLength: 7,
      passwordBlocklistFile: "",
      sessionIdleSeconds: 59,
      sessionAbsoluteSeconds: Number.NaN,
      maxSessionsPerUser: 0,
      renewalsPerMinute: 10_001,
      metricsHost: "",
      metricsPort: 65_536,
      rolePermissions: { support: ["users:erase"] },
      requireSecondFactor: ["two words"],
    };
    let message = "";
    try {
      readOptions(wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const name of Object.keys(wrong)) {
      expect(message).toContain(`- ${name} must be`);
    }
    expect(message).not.toContain("hunter2");
  });

  test("AD-02: give at least one role every permission, and permissions that there are", () => {
    const support = ["users:read", "sessions:write"];
    const rolePermissions = { owner: everything, support };
    expect(readOptions({ issuer, rolePermissions }).rolePermissions).toEqual(
      new Map([
        ["owner", everything],
        ["support", support],
      ]),
    );
    expect(() => readOptions({ issuer, rolePermissions: { support } })).toThrow(
      "rolePermissions needs one role with every permission",
    );
    for (const wrong of [{ admin: ["*"] }, { "an admin": everything }, { admin: "*" }, [], null])
      expect(() =>
        readOptions({ issuer, rolePermissions: wrong as unknown as typeof rolePermissions }),
      ).toThrow("rolePermissions must be a map of roles");
  });

  test("without an issuer say that there must be one", () => {
    expect(() => readOptions({} as CountersignOptions)).toThrow("- issuer must be a URL");
  });

  test.each([
    ["accessTokenTtlSecond", "accessTokenTtlSeconds"],
    ["alowedOrigins", "allowedOrigins"],
    ["dataDirectory", "dataDir"],
  ])("that nobody knows are refused: %s is told the nearest, %s", (name, nearest) => {
    const options = { issuer: "api.example.com", [name]: 60 };
    expect(() => readOptions(options)).toThrow(
      expect.objectContaining({
        name: "ConfigError",
        problems: [
          `there is no option ${name}; the nearest is ${nearest}`,
          expect.stringContaining("issuer must be"),
        ],
      }),
    );
  });

  test("do not shut everybody out of the feed", () => {
    const problem = "feed is for followers alone, and there is none: name them in feedFollowers";
    expect(() => readOptions({ issuer, feed: "followers" })).toThrow(problem);
    const feedFollowers = { posts: newMasterKey() };
    expect(readOptions({ issuer, feed: "followers", feedFollowers }).feedFollowers).toEqual(
      new Map(Object.entries(feedFollowers)),
    );
  });

  test("of countersign serve alone are none in code", () => {
    const options = { issuer, port: 3000 };
    expect(() => readOptions(options)).toThrow("there is no option port");
  });

  test("may stand among those that Fastify has for every plugin", async () => {
    const options = { issuer, databaseUrl: "sqlite::memory:", masterKey: newMasterKey() };
    const app = Fastify();
    await app.register(countersign, { ...options, prefix: "/auth", logLevel: "warn", logSerializers: {} });
    await app.ready();
    await app.close();
  });

  test.each([
    "changeme-changeme-changeme-changeme",
    "0123".repeat(10),
    "this is an Example of 32 characters",
  ])("KM-08: do not take %j for a secret, and do not repeat it", (secret) => {
    const read = (): unknown => readOptions({ issuer, introspectionClients: { api: secret } });
    expect(read).toThrow("must map client ids to random secrets");
    expect(read).not.toThrow(secret);
  });

  test.each([
    "*",
    "null",
    "app.example.com",
    "https://app.example.com/",
    "https://App.example.com",
    "https://*.example.com",
  ])("WB-04: do not take %j for an origin", (origin) => {
    expect(() => readOptions({ issuer, allowedOrigins: [origin] })).toThrow("allowedOrigins must be");
  });
});

function newMasterKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}
