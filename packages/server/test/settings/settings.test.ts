import { describe, expect, it } from "vitest";
import { optionsOfEnvironment, readOptions } from "../../src/settings/settings.ts";

describe("the options", () => {
  it("need no more than an issuer", () => {
    expect(readOptions({ issuer: "https://api.example.com" })).toEqual({
      issuer: "https://api.example.com",
      audience: "https://api.example.com",
      databaseUrl: "sqlite:data/countersign.db",
      dataDir: "data",
      masterKey: undefined,
      algorithm: undefined,
      initialAlgorithm: "HS256",
      accessTokenTtlSeconds: 600,
      introspectionClients: new Map(),
      sessionStore: "database",
      sessionLimits: { idleSeconds: 1_209_600, absoluteSeconds: 2_592_000, perUser: 100 },
      renewalsPerMinute: 30,
      origins: new Set(["https://api.example.com"]),
    });
  });

  it("report every mistake at once, with what to do and without the value of a secret", () => {
    const wrong = {
      issuer: "api.example.com",
      audience: "",
      databaseUrl: "mysql://root@localhost",
      masterKey: "hunter2",
      algorithm: "none" as "HS256",
      initialAlgorithm: "RS256" as "HS256",
      accessTokenTtlSeconds: 86_400,
      sessionStore: "redis" as "memory",
      sessionIdleSeconds: 59,
      sessionAbsoluteSeconds: Number.NaN,
      maxSessionsPerUser: 0,
      renewalsPerMinute: 10_001,
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

  it.each(["changeme-changeme-changeme-changeme", "0123".repeat(10), "this is an Example of 32 characters"])(
    "KM-08: do not take %j for a secret, and do not repeat it",
    (secret) => {
      const read = (): unknown =>
        readOptions({ issuer: "https://api.example.com", introspectionClients: { api: secret } });
      expect(read).toThrow("must map client ids to random secrets");
      expect(read).not.toThrow(secret);
    },
  );

  it.each([
    "*",
    "null",
    "app.example.com",
    "https://app.example.com/",
    "https://App.example.com",
    "https://*.example.com",
  ])("WB-04: do not take %j for an origin", (origin) => {
    const options = { issuer: "https://api.example.com", allowedOrigins: [origin] };
    expect(() => readOptions(options)).toThrow("allowedOrigins must be");
  });

  it("come from the environment, where an empty variable counts as none", () => {
    expect(
      optionsOfEnvironment({
        COUNTERSIGN_DATA_DIR: "/var/lib/countersign",
        COUNTERSIGN_MASTER_KEY: "",
        COUNTERSIGN_SESSION_STORE: "memory",
        COUNTERSIGN_MAX_SESSIONS_PER_USER: "5",
        COUNTERSIGN_RENEWALS_PER_MINUTE: "60",
        COUNTERSIGN_ALLOWED_ORIGINS: "https://app.example.com,http://localhost:5173",
      }),
    ).toEqual({
      sessionStore: "memory",
      maxSessionsPerUser: 5,
      renewalsPerMinute: 60,
      allowedOrigins: ["https://app.example.com", "http://localhost:5173"],
      issuer: undefined,
      audience: undefined,
      databaseUrl: undefined,
      dataDir: "/var/lib/countersign",
      masterKey: undefined,
      algorithm: undefined,
    });
  });

  it.each(["many", "-1", "1.5", " 5", "10001", "1e3"])(
    "SE-05: take %j from the environment for no number of sessions",
    (text) => {
      const options = optionsOfEnvironment({ COUNTERSIGN_MAX_SESSIONS_PER_USER: text });
      expect(() => readOptions({ ...options, issuer: "https://api.example.com" })).toThrow(
        "maxSessionsPerUser must be",
      );
    },
  );

  it.each([
    ["unlimited", null],
    ["1", 1],
    ["", 30],
  ])("RR-10: take %j from the environment for %j renewals a minute", (text, expected) => {
    const options = optionsOfEnvironment({ COUNTERSIGN_RENEWALS_PER_MINUTE: text });
    expect(readOptions({ ...options, issuer: "https://api.example.com" }).renewalsPerMinute).toBe(expected);
  });

  it.each(["0", "null", "none", "Infinity", "0.5"])(
    "RR-10: take %j from the environment for no number of renewals",
    (text) => {
      const options = optionsOfEnvironment({ COUNTERSIGN_RENEWALS_PER_MINUTE: text });
      expect(() => readOptions({ ...options, issuer: "https://api.example.com" })).toThrow(
        "renewalsPerMinute must be",
      );
    },
  );
});
