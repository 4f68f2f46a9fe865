// The test vectors of RFC 6238 and RFC 4226, and what is taken of what people type.
import { expect, test } from "vitest";
import {
  base32Of,
  codeOf,
  matchingStep,
  newTotpSecret,
  stepAt,
  totpUri,
} from "../../src/second-factor/totp.ts";

const secret = Buffer.from("12345678901234567890");

test("RFC 6238 appendix B: the codes of its six times, as their last six digits", () => {
  const codes = [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000].map(
    (seconds) => codeOf(secret, stepAt(seconds * 1000)),
  );
  expect(codes).toEqual(["287082", "081804", "050471", "005924", "279037", "353130"]);
});

test("RFC 4226 appendix D: the codes of its first ten counters", () => {
  const codes = Array.from({ length: 10 }, (_, counter) => codeOf(secret, counter));
  expect(codes.join(" ")).toBe("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489");
});

test("RC-07: the step before and the one after are taken, and no other (RFC 6238 §5.2)", () => {
  const now = 1_800_000_015_000;
  const found = [-2, -1, 0, 1, 2].map((away) =>
    matchingStep(secret, codeOf(secret, stepAt(now) + away), now),
  );
  expect(found).toEqual([undefined, stepAt(now) - 1, stepAt(now), stepAt(now) + 1, undefined]);
});

test("spaces and hyphens do not matter, and what is no code of six digits is none", () => {
  const now = 1_800_000_000_000;
  const code = codeOf(secret, stepAt(now));
  expect(matchingStep(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now)).toBe(stepAt(now));
  expect(matchingStep(secret, `${code.slice(0, 3)}-${code.slice(3)}`, now)).toBe(stepAt(now));
  const wrong = [
    "",
    code.slice(1),
    `${code}0`,
    `+${code.slice(1)}`,
    code.replace(/./, "٣"),
    `${code}\n0`,
    "0x1234",
  ];
  for (const text of wrong) expect(matchingStep(secret, text, now)).toBeUndefined();
});

test("RFC 4648 §10: base 32 without padding", () => {
  const texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map((text) => base32Of(Buffer.from(text)));
  expect(texts).toEqual(["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"]);
});

test("a secret has 160 bits, and the URI survives every character of an address", () => {
  expect(newTotpSecret()).toHaveLength(20);
  const uri = totpUri(secret, { service: "auth.example.com", account: "a&b=c?d#e@example.com" });
  const { hostname, pathname, searchParams } = new URL(uri);
  expect(hostname).toBe("totp");
  expect(decodeURIComponent(pathname)).toBe("/auth.example.com:a&b=c?d#e@example.com");
  expect([...searchParams]).toEqual([
    ["secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
    ["issuer", "auth.example.com"],
  ]);
});
