import crypto from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type AlgorithmName,
  exportPrivateJwk,
  exportPublicJwk,
  generateKey,
  thumbprint,
} from "../src/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("generating a key", () => {
  test.each([
    "RS256",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
  ] as const)("for %s makes a private key named by its thumbprint", async (algorithm) => {
    const key = await generateKey(algorithm);
    expect(key).toMatchObject({ algorithm, canSign: true, kid: thumbprint(key) });
    expect(exportPrivateJwk(key)).toMatchObject({ alg: algorithm, kid: key.kid, use: "sig" });
  });

  test.each([
    ["HS256", 32],
    ["HS384", 48],
    ["HS512", 64],
  ] as const)("for %s makes a secret of %i bytes with a random name", async (algorithm, length) => {
    const [one, two] = [await generateKey(algorithm), await generateKey(algorithm)];
    expect(Buffer.from(exportPrivateJwk(one).k ?? "", "base64url")).toHaveLength(length);
    expect(exportPrivateJwk(one).k).not.toBe(exportPrivateJwk(two).k);
    expect(Buffer.from(one.kid ?? "", "base64url")).toHaveLength(16);
    expect(one.kid).not.toBe(two.kid);
  });

  test("takes a name", async () => {
    expect((await generateKey("HS256", { kid: "mine" })).kid).toBe("mine");
    expect((await generateKey("ES256", { kid: "mine" })).kid).toBe("mine");
  });

  test("makes RSA keys of 2048 bits with the exponent 65537", async () => {
    const { n = "", e } = exportPublicJwk(await generateKey("RS256"));
    expect(Buffer.from(n, "base64url")).toHaveLength(256);
    expect(e).toBe("AQAB");
  });

  test("refuses what is no algorithm", async () => {
    for (const name of ["none", "rs256", "EdDSA", undefined]) {
      await expect(generateKey(name as AlgorithmName)).rejects.toThrow("unknown signature algorithm");
    }
  });

  test("says so with a TypeError where the runtime does not have the algorithm", async () => {
    const failure = new Error("unsupported");
    vi.spyOn(crypto, "generateKeyPair").mockImplementation(((
      _type: string,
      _options: object,
      done: (error: Error) => void,
    ) => {
      done(failure);
    }) as unknown as typeof crypto.generateKeyPair);
    const anew: string = "../src/key-generation.ts?loaded=anew";
    const fresh = (await import(/* @vite-ignore */ anew)) as { generateKey: typeof generateKey };
    await expect(fresh.generateKey("ML-DSA-44")).rejects.toThrow(
      expect.objectContaining({
        name: "TypeError",
        message: "this runtime cannot make a key for ML-DSA-44",
        cause: failure,
      }),
    );
  });
});
