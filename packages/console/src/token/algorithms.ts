// The algorithms that Web Crypto checks for us, by their name in `alg` (RFC 7518 §3.1, RFC 9864).

export interface Algorithm {
  readonly kty: "oct" | "RSA" | "EC" | "OKP";
  readonly crv?: string;
  /** How a key is imported or made. */
  readonly key: HmacImportParams | RsaHashedImportParams | EcKeyImportParams | AlgorithmIdentifier;
  /** How a signature is made or checked. */
  readonly use: AlgorithmIdentifier | RsaPssParams | EcdsaParams;
}

const hmac = (bits: number): Algorithm => ({
  kty: "oct",
  key: { name: "HMAC", hash: `SHA-${bits}` },
  use: { name: "HMAC" },
});
const rsa = (name: string, bits: number): Algorithm => ({
  kty: "RSA",
  key: { name, hash: `SHA-${bits}` },
  use: name === "RSA-PSS" ? { name, saltLength: bits / 8 } : { name },
});
const ecdsa = (crv: string, bits: number): Algorithm => ({
  kty: "EC",
  crv,
  key: { name: "ECDSA", namedCurve: crv },
  use: { name: "ECDSA", hash: `SHA-${bits}` },
});
const ed25519: Algorithm = { kty: "OKP", crv: "Ed25519", key: { name: "Ed25519" }, use: { name: "Ed25519" } };

const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ["HS256", hmac(256)],
  ["HS384", hmac(384)],
  ["HS512", hmac(512)],
  ["ES256", ecdsa("P-256", 256)],
  ["ES384", ecdsa("P-384", 384)],
  ["ES512", ecdsa("P-521", 512)],
  ["RS256", rsa("RSASSA-PKCS1-v1_5", 256)],
  ["RS384", rsa("RSASSA-PKCS1-v1_5", 384)],
  ["RS512", rsa("RSASSA-PKCS1-v1_5", 512)],
  ["PS256", rsa("RSA-PSS", 256)],
  ["PS384", rsa("RSA-PSS", 384)],
  ["PS512", rsa("RSA-PSS", 512)],
  ["Ed25519", ed25519],
  ["EdDSA", ed25519],
]);

export function algorithmOf(name: string): Algorithm | undefined {
  return algorithms.get(name);
}

/** The names under which a key of this kind can sign. */
export function algorithmsFor(kty: string, crv?: string): string[] {
  return [...algorithms].filter(([, each]) => each.kty === kty && each.crv === crv).map(([name]) => name);
}
