/** Properties that hold for whatever is fed to the engine. */
import assert from "node:assert/strict";
import { createSigner, createVerifier, decode, keySet, secretKey, TokenError } from "../../src/index.ts";
import fc from "fast-check";
import type { Harness } from "./harness.ts";

const key = secretKey("HS256", Buffer.alloc(32, 7));
const sign = createSigner({ key, type: null, lifetimeSeconds: null, now: () => 0 });
const options = {
  keys: keySet([key]),
  type: null,
  issuer: null,
  audience: null,
  expiry: "optional",
} as const;
const verify = createVerifier(options);
const remember = createVerifier({ ...options, rememberTokens: 100 });

/** Names without those that the registered claims give a meaning. */
const claims = fc.dictionary(
  fc
    .string({ unit: "grapheme" })
    .filter((name) => !["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "__proto__"].includes(name)),
  fc.jsonValue({ stringUnit: "grapheme", maxDepth: 5 }),
);

const segment = fc.oneof(
  fc.string(),
  fc.json().map((text) => Buffer.from(text).toString("base64url")),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64url")),
);

const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join(".")),
);

function answersOrRefuses(read: (text: string) => unknown, text: string): void {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
  }
}

export function randomInputSuite({ test }: Harness): void {
  test("any claims that are signed come back", () => {
    fc.assert(
      fc.property(claims, (given) => {
        const token = sign(given);
        assert.deepEqual({ ...verify(token) }, JSON.parse(JSON.stringify({ ...given, iat: 0 })));
        assert.deepEqual({ ...remember(token) }, { ...verify(token) });
      }),
      { numRuns: 300 },
    );
  });

  test("any text is answered or refused with a TokenError", () => {
    fc.assert(
      fc.property(texts, (text) => {
        answersOrRefuses(verify, text);
        answersOrRefuses(remember, text);
        answersOrRefuses(decode, text);
      }),
      { numRuns: 2000 },
    );
  });

  test("a token with any bit flipped is refused", () => {
    fc.assert(
      fc.property(claims, fc.nat(), fc.nat({ max: 7 }), (given, place, bit) => {
        const bytes = Buffer.from(sign(given));
        const index = place % bytes.length;
        bytes[index] = bytes.readUInt8(index) ^ (1 << bit);
        assert.throws(() => verify(bytes.toString("latin1")), TokenError);
      }),
      { numRuns: 500 },
    );
  });
}
