import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createMasterKey } from "../../src/keys/master-key.ts";
import { createCodeHashes, newCode, newToken, readCode } from "../../src/one-time-codes/secrets.ts";

describe("one-time codes", () => {
  test("RC-01: a link has 256 random bits, and a code eight letters of Crockford's base 32", () => {
    const tokens = new Set(Array.from({ length: 100 }, () => newToken()));
    expect(tokens.size).toBe(100);
    for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
    const letters = Array.from({ length: 500 }, () => newCode()).join("");
    expect(letters).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}){500}$/);
    // All 32 of them, so that none is wasted.
    expect(new Set(letters.replaceAll("-", "")).size).toBe(32);
  });

  test("a code is read as people type it", () => {
    expect(readCode("abcd-efgh")).toBe("ABCDEFGH");
    expect(readCode(" oIl1 0 2-34 ")).toBe("01110234");
    for (const text of ["", "ABCDEFG", "ABCDEFGHJ", "ABCDEFGU", "ABCD_EFG", "ÄBCDEFGH"])
      expect(readCode(text), text).toBeUndefined();
  });

  test("RC-01: both are hashed, the short one under a key and for its row alone", () => {
    const hashes = createCodeHashes(createMasterKey(randomBytes(32)).derive("one-time-codes"));
    const others = createCodeHashes(createMasterKey(randomBytes(32)).derive("one-time-codes"));
    const code = newCode();
    expect(hashes.ofCode("a", code)).toBe(hashes.ofCode("a", code.toLowerCase().replace("-", " ")));
    expect(hashes.ofCode("a", code)).not.toBe(hashes.ofCode("b", code));
    expect(hashes.ofCode("a", code)).not.toBe(others.ofCode("a", code));
    expect(hashes.ofAddress("ada@example.com")).not.toBe(others.ofAddress("ada@example.com"));
    const token = newToken();
    expect(hashes.ofToken(token)).toMatch(/^[\w-]{43}$/);
    expect(hashes.ofToken(`${token}x`)).toBeUndefined();
    expect(hashes.ofToken("")).toBeUndefined();
  });
});
