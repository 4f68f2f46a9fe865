import { createSecretKey, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { hashRecoveryCode, newRecoveryCodes } from "../../src/second-factor/recovery-codes.ts";

const key = createSecretKey(randomBytes(32));

test("RC-07: there are ten codes of 16 characters, all different", () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
});

test("each letter comes as often as any other", () => {
  const counts = new Map<string, number>();
  let byte = 0;
  const codes = newRecoveryCodes((length) => Uint8Array.from({ length }, () => byte++ % 256));
  for (const letter of codes.join("").replaceAll("-", "")) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect(counts.size).toBe(32);
  expect(new Set(counts.values())).toEqual(new Set([5]));
});

test("a code is the same however it is typed, and another account's is not", () => {
  const hash = hashRecoveryCode(key, "ada", "7Q2M-XK0V-1T9C-HD4N");
  for (const typed of ["7q2mxk0v1t9chd4n", " 7Q2M XKOV lT9C HD4N ", "7Q2M-XK0V-IT9C-HD4N"])
    expect(hashRecoveryCode(key, "ada", typed)).toBe(hash);
  expect(hashRecoveryCode(key, "eve", "7Q2M-XK0V-1T9C-HD4N")).not.toBe(hash);
  for (const none of [
    "",
    "7Q2M-XK0V-1T9C-HD4",
    "7Q2M-XK0V-1T9C-HD4NN",
    "7Q2M-XK0V-1T9C-HD4U",
    "\u0000".repeat(16),
  ])
    expect(hashRecoveryCode(key, "ada", none)).toBeUndefined();
});
