import crypto from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { findAlgorithm, type HmacAlgorithm } from "../src/algorithms.ts";
import { createHmac, oneShotHmac, streamingHmac } from "../src/hmac.ts";

const algorithms = ["HS256", "HS384", "HS512"].map((name) => findAlgorithm(name) as HmacAlgorithm);

describe.each(algorithms)("HMAC for $name", (algorithm) => {
  const expected = (secret: Uint8Array, text: string): string =>
    crypto.createHmac(algorithm.hash, secret).update(text).digest("base64url");

  test.each([1, 32, 48, 63, 64, 65, 127, 128, 129, 500])("is right for a secret of %i bytes", (length) => {
    const secret = crypto.randomBytes(length);
    const oneShot = oneShotHmac(algorithm, secret);
    const streaming = streamingHmac(algorithm, secret);
    for (const text of [
      "",
      "a",
      "header.payload",
      "x".repeat(2047),
      "x".repeat(2048),
      "y".repeat(2049),
      "z".repeat(70_000),
      "b",
    ]) {
      for (const { mac, verify } of [oneShot, streaming, createHmac(algorithm, secret)]) {
        expect(mac(text)).toBe(expected(secret, text));
        expect(verify(`${text}.${expected(secret, text)}`, text.length)).toBe(true);
      }
    }
  });

  test("verifies nothing but the very MAC of what stands before the dot", () => {
    const secret = crypto.randomBytes(64);
    const mac = expected(secret, "header.payload");
    for (const make of [oneShotHmac, streamingHmac]) {
      const { verify } = make(algorithm, secret);
      expect(verify(`header.payload.${mac}`, 14)).toBe(true);
      expect(verify(`header.payload.${mac}`, 6)).toBe(false);
      expect(verify(`header.payloae.${mac}`, 14)).toBe(false);
      expect(verify(`header.payload.${mac.slice(1)}`, 14)).toBe(false);
      expect(verify(`header.payload.${mac}A`, 14)).toBe(false);
      expect(verify(`header.payload.${mac.slice(0, -1)}\u0000`, 14)).toBe(false);
      expect(verify(`header.payload.${expected(secret, "header.payloae")}`, 14)).toBe(false);
      for (let index = 0; index < mac.length; index += 1) {
        const changed = mac[index] === "A" ? "B" : "A";
        const other = mac.slice(0, index) + changed + mac.slice(index + 1);
        expect(verify(`header.payload.${other}`, 14), `character ${index}`).toBe(false);
      }
    }
  });

  test("verifies texts of one length and of others in turn", () => {
    const secret = crypto.randomBytes(64);
    const { mac, verify } = oneShotHmac(algorithm, secret);
    for (const length of [5, 5, 6, 4, 9000, 5, 9000, 9001, 0]) {
      for (const letter of ["x", "y"]) {
        const text = letter.repeat(length);
        expect(mac(text)).toBe(expected(secret, text));
        expect(verify(`${text}.${expected(secret, text)}`, length)).toBe(true);
        expect(verify(`${text}.${expected(secret, `${text}z`)}`, length)).toBe(false);
      }
    }
  });

  test("gives nothing for text that is not ASCII, and verifies none, before or behind the dot", () => {
    for (const make of [oneShotHmac, streamingHmac]) {
      const secret = crypto.randomBytes(64);
      const { mac, verify } = make(algorithm, secret);
      for (const text of [
        "ü",
        "abcü",
        "\u012bAAA",
        "a\ud800",
        "ü".repeat(2048),
        `a${"\u012b".repeat(5000)}`,
      ]) {
        expect(mac(text)).toBeUndefined();
        expect(verify(`${text}.${expected(secret, text)}`, text.length)).toBe(false);
        const { length } = expected(secret, "a");
        expect(verify(`a.${text.padEnd(length, "A").slice(0, length)}`, 1)).toBe(false);
      }
      expect(mac("abc")).toBeDefined();
    }
  });

  test("does not see what happens to the secret afterwards", () => {
    for (const make of [oneShotHmac, streamingHmac]) {
      const secret = new Uint8Array(64).fill(1);
      const { mac } = make(algorithm, secret);
      secret.fill(2);
      expect(mac("text")).toBe(expected(new Uint8Array(64).fill(1), "text"));
    }
  });
});

describe("when the module is loaded", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  let loaded = 0;
  const load = async (): Promise<{ createHmac: typeof createHmac }> => {
    loaded += 1;
    const anew = `../src/hmac.ts?loaded=${loaded}`;
    return import(/* @vite-ignore */ anew);
  };

  const hs256 = findAlgorithm("HS256") as HmacAlgorithm;
  const usesOneShot = async (): Promise<boolean> => {
    const fresh = await load();
    const hash = vi.spyOn(crypto, "hash");
    hash.mockClear();
    fresh.createHmac(hs256, new Uint8Array(32)).mac("text");
    return hash.mock.calls.length > 0;
  };

  test("the one-shot way is taken where it agrees with createHmac", async () => {
    expect(await usesOneShot()).toBe(true);
  });

  test("createHmac is taken where the runtime has no one-shot hash", async () => {
    const { hash } = crypto;
    Object.defineProperty(crypto, "hash", { value: undefined, configurable: true, writable: true });
    try {
      const fresh = await load();
      const secret = new Uint8Array(32).fill(3);
      expect(fresh.createHmac(hs256, secret).mac("text")).toBe(
        crypto.createHmac("sha256", secret).update("text").digest("base64url"),
      );
    } finally {
      Object.defineProperty(crypto, "hash", { value: hash, configurable: true, writable: true });
    }
  });

  test.each(["sha256", "sha384", "sha512"])(
    "createHmac is taken where the one-shot %s is wrong",
    async (broken) => {
      const { hash } = crypto;
      const spy = vi
        .spyOn(crypto, "hash")
        .mockImplementation(((name: string, data: Uint8Array, encoding: "hex") =>
          hash(name, data, encoding).replace(/^./u, name === broken ? "!" : "$&")) as typeof crypto.hash);
      const fresh = await load();
      spy.mockClear();
      fresh.createHmac(hs256, new Uint8Array(32)).mac("text");
      expect(spy).not.toHaveBeenCalled();
    },
  );
});
