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
      expect(oneShot(text, text.length)).toBe(expected(secret, text));
      expect(streaming(text, text.length)).toBe(expected(secret, text));
      expect(createHmac(algorithm, secret)(text, text.length)).toBe(expected(secret, text));
    }
  });

  test("covers as much of a text as it is told", () => {
    const secret = crypto.randomBytes(64);
    for (const make of [oneShotHmac, streamingHmac]) {
      expect(make(algorithm, secret)("header.payload.signature", 14)).toBe(
        expected(secret, "header.payload"),
      );
    }
  });

  test("gives nothing for text that is not ASCII, before or behind the length", () => {
    for (const make of [oneShotHmac, streamingHmac]) {
      const mac = make(algorithm, crypto.randomBytes(64));
      for (const text of [
        "ü",
        "abcü",
        "\u012bAAA",
        "a\ud800",
        "ü".repeat(2048),
        `a${"\u012b".repeat(5000)}`,
      ]) {
        expect(mac(text, 1)).toBeUndefined();
      }
      expect(mac("abc", 3)).toBeDefined();
    }
  });

  test("does not see what happens to the secret afterwards", () => {
    for (const make of [oneShotHmac, streamingHmac]) {
      const secret = new Uint8Array(64).fill(1);
      const mac = make(algorithm, secret);
      secret.fill(2);
      expect(mac("text", 4)).toBe(expected(new Uint8Array(64).fill(1), "text"));
    }
  });
});

describe("when the module is loaded", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.resetModules();
  });

  const load = async (): Promise<{ createHmac: typeof createHmac }> => {
    vi.resetModules();
    return import("../src/hmac.ts");
  };

  const hs256 = findAlgorithm("HS256") as HmacAlgorithm;
  const usesOneShot = async (): Promise<boolean> => {
    const fresh = await load();
    const hash = vi.spyOn(crypto, "hash");
    hash.mockClear();
    fresh.createHmac(hs256, new Uint8Array(32))("text", 4);
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
      expect(fresh.createHmac(hs256, secret)("text", 4)).toBe(
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
      fresh.createHmac(hs256, new Uint8Array(32))("text", 4);
      expect(spy).not.toHaveBeenCalled();
    },
  );
});
