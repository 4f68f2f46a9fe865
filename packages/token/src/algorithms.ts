/** The table of signature algorithms: the only place that knows their names and sizes. */

export interface HmacAlgorithm {
  readonly name: "HS256" | "HS384" | "HS512";
  readonly kty: "oct";
  readonly hash: "sha256" | "sha384" | "sha512";
  /** Bytes of the hash, of the MAC, and the least a secret may have (RFC 7518 §3.2). */
  readonly hashLength: number;
  /** Bytes of the hash function's block, to which the secret is padded (RFC 2104 §2). */
  readonly blockLength: number;
}

interface RsaAlgorithm {
  readonly name: "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512";
  readonly kty: "RSA";
  readonly hash: "sha256" | "sha384" | "sha512";
  /** Bytes of the PSS salt, which is as long as the hash (RFC 7518 §3.5); undefined for PKCS #1 v1.5. */
  readonly saltLength: number | undefined;
}

interface EcAlgorithm {
  readonly name: "ES256" | "ES384" | "ES512";
  readonly kty: "EC";
  readonly hash: "sha256" | "sha384" | "sha512";
  readonly crv: "P-256" | "P-384" | "P-521";
  /** Bytes of one coordinate; a signature is twice that (RFC 7518 §3.4). */
  readonly coordinateLength: number;
}

interface EdwardsAlgorithm {
  readonly name: "Ed25519";
  readonly kty: "OKP";
  readonly crv: "Ed25519";
}

interface LatticeAlgorithm {
  readonly name: "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";
  readonly kty: "AKP";
  readonly publicKeyLength: number;
  readonly signatureLength: number;
}

export type Algorithm = HmacAlgorithm | RsaAlgorithm | EcAlgorithm | EdwardsAlgorithm | LatticeAlgorithm;

/** The algorithms with a private and a public key. */
export type AsymmetricAlgorithm = Exclude<Algorithm, HmacAlgorithm>;

/**
 * The name of an algorithm as it stands in `alg`: RFC 7518 §3.1, RFC 9864 (`Ed25519`) and RFC 9964 (ML-DSA).
 * There is no `none`.
 */
export type AlgorithmName = Algorithm["name"];

/** The algorithms whose secret both signs and verifies. */
export type HmacAlgorithmName = HmacAlgorithm["name"];

const algorithms: ReadonlyMap<string, Algorithm> = new Map(
  (
    [
      { name: "HS256", kty: "oct", hash: "sha256", hashLength: 32, blockLength: 64 },
      { name: "HS384", kty: "oct", hash: "sha384", hashLength: 48, blockLength: 128 },
      { name: "HS512", kty: "oct", hash: "sha512", hashLength: 64, blockLength: 128 },
      { name: "RS256", kty: "RSA", hash: "sha256", saltLength: undefined },
      { name: "RS384", kty: "RSA", hash: "sha384", saltLength: undefined },
      { name: "RS512", kty: "RSA", hash: "sha512", saltLength: undefined },
      { name: "PS256", kty: "RSA", hash: "sha256", saltLength: 32 },
      { name: "PS384", kty: "RSA", hash: "sha384", saltLength: 48 },
      { name: "PS512", kty: "RSA", hash: "sha512", saltLength: 64 },
      { name: "ES256", kty: "EC", hash: "sha256", crv: "P-256", coordinateLength: 32 },
      { name: "ES384", kty: "EC", hash: "sha384", crv: "P-384", coordinateLength: 48 },
      { name: "ES512", kty: "EC", hash: "sha512", crv: "P-521", coordinateLength: 66 },
      { name: "Ed25519", kty: "OKP", crv: "Ed25519" },
      { name: "ML-DSA-44", kty: "AKP", publicKeyLength: 1312, signatureLength: 2420 },
      { name: "ML-DSA-65", kty: "AKP", publicKeyLength: 1952, signatureLength: 3309 },
      { name: "ML-DSA-87", kty: "AKP", publicKeyLength: 2592, signatureLength: 4627 },
    ] satisfies Algorithm[]
  ).map((algorithm) => [algorithm.name, algorithm]),
);

/** The algorithm of that exact, case-sensitive name (RFC 7515 §4.1.1), or undefined. */
export function findAlgorithm(name: unknown): Algorithm | undefined {
  return algorithms.get(name as string);
}

/** @throws TypeError if there is no such algorithm. */
export function requireAlgorithm(name: unknown): Algorithm {
  const algorithm = findAlgorithm(name);
  if (algorithm === undefined) throw new TypeError("unknown signature algorithm");
  return algorithm;
}
