import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { createDerReader, createDerWriter } from "../src/ecdsa-der.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ecdsaToDer = (raw: Uint8Array): Uint8Array => createDerWriter(raw.length)(raw);
const ecdsaFromDer = (der: Uint8Array, coordinateLength: number): Uint8Array =>
  createDerReader(coordinateLength * 2)(der);
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

describe("ECDSA signatures as DER", () => {
  test.each([
    ["small", "0102", "3006020101020102"],
    ["with the highest bit set", "80ff", "300802020080020200ff"],
    ["with leading zeros", "0000000100000080", "300702010102020080"],
    ["zero", "0000", "3006020100020100"],
    ["all zeros", "0000000000000000", "3006020100020100"],
  ])("%s numbers take the fewest bytes that keep them positive", (_name, raw, der) => {
    expect(hex(ecdsaToDer(fromHex(raw)))).toBe(der);
    expect(hex(ecdsaFromDer(fromHex(der), raw.length / 4))).toBe(raw);
  });

  test("a body of 127 bytes has a short length, one of 128 a long one", () => {
    // Two numbers of 62 and 61 bytes make 62 + 61 + 4.
    const short = fromHex("01".repeat(62) + "00" + "01".repeat(61));
    expect(hex(ecdsaToDer(short)).slice(0, 6)).toBe("307f02");
    const long = fromHex("01".repeat(124));
    expect(hex(ecdsaToDer(long)).slice(0, 8)).toBe("30818002");
    expect(hex(ecdsaFromDer(ecdsaToDer(short), 62))).toBe(hex(short));
    expect(hex(ecdsaFromDer(ecdsaToDer(long), 62))).toBe(hex(long));
  });

  test.each([
    ["P-256", 32],
    ["P-384", 48],
    ["P-521", 66],
  ] as const)("the runtime understands both forms alike on %s", (namedCurve, length) => {
    const { privateKey, publicKey } = crypto.generateKeyPairSync("ec", { namedCurve });
    // One for all: a short one leaves nothing of the long one before it.
    const toDer = createDerWriter(length * 2);
    const fromDer = createDerReader(length * 2);
    for (let round = 0; round < 40; round += 1) {
      const message = Buffer.from(`message ${round}`);
      const der = crypto.sign("sha256", message, privateKey);
      const raw = fromDer(der);
      expect(crypto.verify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
      expect(hex(toDer(raw))).toBe(hex(der));
    }
  });
});
