/** Making new keys. */
import crypto, { type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { type AlgorithmName, type AsymmetricAlgorithm, requireAlgorithm } from "./algorithms.ts";
import { encodeBase64url } from "./base64url.ts";
import { asymmetricKey, type Key, secretKey } from "./keys.ts";
import { thumbprint } from "./thumbprint.ts";

const generateKeyPair = promisify(crypto.generateKeyPair) as unknown as (
  type: string,
  options: object,
) => Promise<{ privateKey: KeyObject; publicKey: KeyObject }>;

/**
 * A new key. RSA keys have 2,048 bits and the exponent 65,537, secrets as many bytes as the hash.
 *
 * `kid` is by default the RFC 7638 thumbprint, and 128 random bits for a secret.
 *
 * @throws TypeError if the runtime does not have the algorithm (ML-DSA needs OpenSSL 3.5).
 */
export async function generateKey(
  algorithm: AlgorithmName,
  options: { kid?: string | undefined } = {},
): Promise<Key> {
  const entry = requireAlgorithm(algorithm);
  if (entry.kty === "oct") {
    const kid = options.kid ?? encodeBase64url(crypto.randomBytes(16));
    return secretKey(entry.name, crypto.randomBytes(entry.hashLength), { kid });
  }
  const privateKey = await generatePrivateKey(entry);
  const kid = options.kid ?? thumbprint(asymmetricKey(entry, privateKey, undefined));
  return asymmetricKey(entry, privateKey, kid);
}

async function generatePrivateKey(algorithm: AsymmetricAlgorithm): Promise<KeyObject> {
  try {
    const { privateKey } = await generateKeyPair(...generationOf(algorithm));
    return privateKey;
  } catch (cause) {
    throw new TypeError(`this runtime cannot make a key for ${algorithm.name}`, { cause });
  }
}

function generationOf(algorithm: AsymmetricAlgorithm): [type: string, options: object] {
  switch (algorithm.kty) {
    case "RSA":
      return ["rsa", { modulusLength: 2048, publicExponent: 65_537 }];
    case "EC":
      return ["ec", { namedCurve: algorithm.crv }];
    case "OKP":
    case "AKP":
      return [algorithm.name.toLowerCase(), {}];
  }
}
