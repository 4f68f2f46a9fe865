// For which domain passkeys are made, and what is said where that cannot be.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { ConfigError } from "../../src/errors.ts";
import type { CountersignOptions } from "../../src/settings/countersign-options.ts";
import { readOptions } from "../../src/settings/settings.ts";

const masterKey = randomBytes(32).toString("base64url");
const read = (options: Partial<CountersignOptions>) =>
  readOptions({ issuer: "https://auth.example.com", masterKey, ...options }).passkeys;

function problemsOf(options: Partial<CountersignOptions>): readonly string[] {
  try {
    read(options);
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}

test("passkeys are those of the issuer, and of the allowed origins below it", () => {
  const origins = ["https://app.auth.example.com", "https://app.example.com", "http://x.auth.example.com"];
  expect(read({ allowedOrigins: origins })).toEqual({
    rpId: "auth.example.com",
    origins: ["https://auth.example.com", "https://app.auth.example.com"],
  });
  expect(read({ passkeyRpId: "example.com", allowedOrigins: origins })).toEqual({
    rpId: "example.com",
    origins: ["https://auth.example.com", "https://app.auth.example.com", "https://app.example.com"],
  });
});

test("this machine has them under its name, and an address or plain http has none", () => {
  expect(read({ issuer: "http://localhost:3001" })).toEqual({
    rpId: "localhost",
    origins: ["http://localhost:3001"],
  });
  for (const issuer of [
    "http://127.0.0.1:3001",
    "http://[::1]:3001",
    "https://192.0.2.1",
    "http://a.example",
  ])
    expect(read({ issuer }), issuer).toBeUndefined();
});

test("apps and pages of another domain can have them, where no page of the issuer does", () => {
  const passkeyOrigins = ["https://www.example.org", `android:apk-key-hash:${"A".repeat(43)}`];
  expect(read({ passkeyRpId: "example.org", passkeyOrigins })).toEqual({
    rpId: "example.org",
    origins: passkeyOrigins,
  });
});

test("what does not fit the issuer is refused, with what to do", () => {
  const cases: readonly (readonly [Partial<CountersignOptions>, RegExp])[] = [
    [
      { passkeyRpId: "example.org" },
      /the issuer, https:\/\/auth\.example\.com, is not at example\.org or below it/,
    ],
    [{ passkeyRpId: "uth.example.com" }, /not at uth\.example\.com/],
    [{ passkeyRpId: "com" }, /not at com/],
    [{ passkeyRpId: "https://example.com" }, /^passkeyRpId must be a domain/],
    [{ passkeyRpId: "Example.com" }, /^passkeyRpId must be a domain/],
    [{ passkeyRpId: "192.0.2.1" }, /^passkeyRpId must be a domain/],
    [
      { passkeyOrigins: ["https://app.example.org"] },
      /https:\/\/app\.example\.org is not at auth\.example\.com/,
    ],
    [{ passkeyOrigins: ["https://app.example.com/x"] }, /^passkeyOrigins must be a list of origins/],
    [{ passkeyOrigins: ["http://auth.example.com"] }, /is not https, so browsers have no passkeys there/],
    [{ passkeyOrigins: [] }, /names no page/],
    [{ issuer: "http://127.0.0.1:3001", passkeyOrigins: ["http://127.0.0.1:3001"] }, /is an address/],
  ];
  for (const [options, sentence] of cases)
    expect(problemsOf(options).join("\n"), JSON.stringify(options)).toMatch(sentence);
});
