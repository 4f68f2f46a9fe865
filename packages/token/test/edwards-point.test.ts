import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { assertSoundPoint } from "../src/edwards-point.ts";
import { importJwk } from "../src/index.ts";

const p = 2n ** 255n - 19n;

/** The encoding of a point: y, little-endian, with the sign of x in the highest bit. */
function encode(y: bigint, sign: 0 | 1 = 0): Uint8Array {
  const bytes = Buffer.from(y.toString(16).padStart(64, "0"), "hex").toReversed();
  return Uint8Array.from(bytes, (byte, index) => (index === 31 ? byte | (sign << 7) : byte));
}

describe("a point of edwards25519", () => {
  test("of an honest key is sound", () => {
    for (let round = 0; round < 20; round += 1) {
      const { x = "" } = crypto.generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
      expect(() => assertSoundPoint(Buffer.from(x, "base64url"))).not.toThrow();
    }
  });

  test.each([
    ["1, the neutral one", 1n],
    ["0, of order 4", 0n],
    ["-1, of order 2", p - 1n],
    ["of order 8", 0x5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n],
    ["of order 8, mirrored", 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n],
    ["the order of the field, for 0", p],
    ["one more, for 1", p + 1n],
    ["the largest number", 2n ** 255n - 1n],
  ])("with y %s is refused, whatever its sign", (_name, y) => {
    for (const sign of [0, 1] as const) {
      expect(() => assertSoundPoint(encode(y, sign))).toThrow("not a point that can be trusted");
    }
  });

  test("with y 2 or -2 is none of those", () => {
    for (const y of [2n, p - 2n]) expect(() => assertSoundPoint(encode(y))).not.toThrow();
  });

  test("of small order is refused in a JWK: anybody could sign for it", () => {
    const x = Buffer.alloc(32).toString("base64url");
    expect(() => importJwk({ kty: "OKP", crv: "Ed25519", alg: "Ed25519", x })).toThrow(
      "cannot be trusted".slice(7),
    );
  });
});
