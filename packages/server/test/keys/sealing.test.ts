import { createSecretKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createSealer } from "../../src/keys/sealing.ts";

const context = { purpose: "access-token", kid: "k1" };
const newSealer = (): ReturnType<typeof createSealer> => createSealer(createSecretKey(randomBytes(32)));
const unreadable = expect.objectContaining({ name: "KeyError", code: "sealed_unreadable" });

describe("sealing", () => {
  test("KM-03: a sealed value opens again and shows nothing of what is in it", () => {
    const sealer = newSealer();
    for (const length of [0, 1, 32, 121, 4096]) {
      const plaintext = randomBytes(length);
      const sealed = sealer.seal(plaintext, context);
      expect(sealer.open(sealed, context)).toEqual(plaintext);
      expect(sealed).toHaveLength(1 + 12 + length + 16);
      expect(length >= 32 && sealed.includes(plaintext.subarray(0, 16))).toBe(false);
    }
  });

  test("KM-03: each seal has a nonce of its own", () => {
    const sealer = newSealer();
    const nonces = new Set<string>();
    for (let i = 0; i < 1000; i++)
      nonces.add(sealer.seal(Buffer.of(1), context).subarray(1, 13).toString("hex"));
    expect(nonces.size).toBe(1000);
  });

  test("KM-03: a value moved to another row or purpose does not open", () => {
    const sealer = newSealer();
    const first = sealer.seal(Buffer.from("first"), context);
    const second = sealer.seal(Buffer.from("second"), { ...context, kid: "k2" });
    expect(() => sealer.open(first, { ...context, kid: "k2" })).toThrow(unreadable);
    expect(() => sealer.open(second, context)).toThrow(unreadable);
    expect(() => sealer.open(first, { ...context, purpose: "refresh-token" })).toThrow(unreadable);
    // The border between the two parts belongs to what is authenticated.
    const joined = sealer.seal(Buffer.from("x"), { purpose: "a", kid: "bc" });
    expect(() => sealer.open(joined, { purpose: "ab", kid: "c" })).toThrow(unreadable);
    expect(() => sealer.open(joined, { purpose: 'a","b', kid: "c" })).toThrow(unreadable);
  });

  test("KM-03: any changed bit, cut or foreign version is refused", () => {
    const sealer = newSealer();
    const sealed = sealer.seal(randomBytes(32), context);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => sealer.open(changed, context)).toThrow(unreadable);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(() => sealer.open(sealed.subarray(0, length), context)).toThrow(unreadable);
    }
    expect(() => sealer.open(Buffer.concat([sealed, Buffer.of(0)]), context)).toThrow(unreadable);
  });

  test("KM-03: another key does not open it, and a wrong kind of key is a TypeError", () => {
    const sealed = newSealer().seal(Buffer.from("x"), context);
    expect(() => newSealer().open(sealed, context)).toThrow(unreadable);
    expect(() => createSealer(createSecretKey(randomBytes(16)))).toThrow(TypeError);
  });
});
