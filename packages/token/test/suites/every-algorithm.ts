/** Every algorithm, from the generation of a key to the refusal of what it did not sign. */
import assert from "node:assert/strict";
import {
  type AlgorithmName,
  createSigner,
  createVerifier,
  exportPrivateJwk,
  exportPublicJwk,
  generateKey,
  importJwk,
  type Key,
  keySet,
  TokenError,
  type Verifier,
} from "../../src/index.ts";
import type { Harness } from "./harness.ts";

const algorithms: readonly AlgorithmName[] = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "Ed25519",
];

/** Not every runtime's OpenSSL has these. */
const latticeAlgorithms: readonly AlgorithmName[] = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

/** FIPS 204 §4, table 2. */
const publicKeyBytes: Readonly<Partial<Record<AlgorithmName, number>>> = {
  "ML-DSA-44": 1312,
  "ML-DSA-65": 1952,
  "ML-DSA-87": 2592,
};

const claims = { sub: "42", roles: ["user"], name: "Zoë 👋", iat: 1_700_000_000 };

function signWith(key: Key): string {
  return createSigner({ key, type: "at+jwt", issuer: "me", audience: "you", lifetimeSeconds: 60 })(claims);
}

function verifierOf(key: Key, rememberTokens = 0): Verifier {
  return createVerifier({
    keys: keySet([key]),
    type: "at+jwt",
    issuer: "me",
    audience: "you",
    rememberTokens,
    now: () => claims.iat,
  });
}

function assertRefused(verify: Verifier, token: string): void {
  assert.throws(() => verify(token), TokenError);
}

/** The key again, by way of the JWK of each of its halves. */
function throughJwk(key: Key): { signing: Key; verifying: Key } {
  const signing = importJwk(exportPrivateJwk(key));
  return { signing, verifying: key.algorithm.startsWith("HS") ? signing : importJwk(exportPublicJwk(key)) };
}

async function useKey(algorithm: AlgorithmName): Promise<void> {
  const key = await generateKey(algorithm);
  const { signing, verifying } = throughJwk(key);
  assert.equal(verifying.kid, key.kid);
  const expected = { ...claims, iss: "me", aud: "you", exp: claims.iat + 60 };
  for (const signer of [key, signing]) {
    const token = signWith(signer);
    for (const verify of [verifierOf(key), verifierOf(verifying), verifierOf(verifying, 10)]) {
      assert.deepEqual({ ...verify(token) }, expected);
      assert.deepEqual({ ...verify(token) }, expected);
      assertRefused(verify, `${token}A`);
      assertRefused(verify, token.slice(0, -1));
      assertRefused(verify, token.slice(0, -4));
    }
  }
  const stranger = verifierOf(await generateKey(algorithm));
  assertRefused(stranger, signWith(key));
}

/** Every character replaced by its neighbour in the alphabet, one at a time. */
async function changeEveryCharacter(algorithm: AlgorithmName): Promise<void> {
  const key = await generateKey(algorithm);
  const verify = verifierOf(key);
  const token = signWith(key);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  for (let index = 0; index < token.length; index += 1) {
    const place = alphabet.indexOf(token.charAt(index));
    const changed = token.slice(0, index) + alphabet.charAt((place + 1) % 64) + token.slice(index + 1);
    assertRefused(verify, changed);
  }
}

/** ML-DSA works, or says clearly that it does not. */
async function useLatticeKey(algorithm: AlgorithmName): Promise<void> {
  try {
    await generateKey(algorithm);
  } catch (error) {
    const saysSo = { name: "TypeError", message: new RegExp(algorithm) };
    assert.throws(() => {
      throw error;
    }, saysSo);
    const pub = Buffer.alloc(publicKeyBytes[algorithm] ?? 0, 7).toString("base64url");
    assert.throws(() => importJwk({ kty: "AKP", alg: algorithm, pub }), saysSo);
    return;
  }
  await useKey(algorithm);
}

export function everyAlgorithmSuite({ test }: Harness): void {
  for (const algorithm of algorithms) {
    test(`${algorithm} signs and verifies, also after export and import`, async () => useKey(algorithm));
  }
  for (const algorithm of ["HS256", "RS256", "PS256", "ES256", "Ed25519"] as const) {
    test(`${algorithm} refuses a token with any character changed`, async () =>
      changeEveryCharacter(algorithm));
  }
  for (const algorithm of latticeAlgorithms) {
    test(`${algorithm} signs and verifies, or the runtime's lack of it is a TypeError`, async () =>
      useLatticeKey(algorithm));
  }
}
