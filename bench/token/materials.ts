/** Keys, claims and tokens that every library in the bench gets alike. */
import crypto, { type KeyObject } from "node:crypto";

export type BenchAlgorithm = "HS256" | "RS256" | "ES256" | "Ed25519";

export const issuer = "https://auth.example.com";
export const audience = "https://api.example.com";
export const lifetimeSeconds = 600;

/** One key pair, or a secret as both halves. */
export interface KeyPair {
  readonly algorithm: BenchAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function makeKeyPair(algorithm: BenchAlgorithm): KeyPair {
  switch (algorithm) {
    case "HS256": {
      // Characters, so that libraries which take only strings use the same secret.
      const secret = crypto.createSecretKey(Buffer.from(crypto.randomBytes(32).toString("base64url")));
      return { algorithm, privateKey: secret, publicKey: secret };
    }
    case "RS256":
      return { algorithm, ...crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }) };
    case "ES256":
      return { algorithm, ...crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }) };
    case "Ed25519":
      return { algorithm, ...crypto.generateKeyPairSync("ed25519") };
  }
}

/** How much the application puts into a token, besides what every token has. */
export type PayloadSize = "small" | "usual" | "large";

/** Claims of one user. The payload with `iss`, `aud`, `iat` and `exp` has about 140, 210 or 2,000 bytes. */
export function claimsOf(size: PayloadSize): Record<string, unknown> {
  const sub = crypto.randomBytes(16).toString("base64url");
  if (size === "small") return { sub };
  const claims = { sub, sid: crypto.randomBytes(16).toString("base64url"), roles: ["user"] };
  if (size === "usual") return claims;
  const scope = Array.from({ length: 72 }, () => `posts:${crypto.randomBytes(9).toString("base64url")}`);
  return { ...claims, name: "Zoë Müller", scope: scope.join(" ") };
}

/** All claims of a token that is good for the next hours. */
export function completeClaims(size: PayloadSize): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000) - 5;
  return { ...claimsOf(size), iss: issuer, aud: audience, iat, exp: iat + 86_400 };
}

/** The bytes a signature covers, and the signature. */
export interface SignedBytes {
  readonly input: Buffer;
  readonly signature: Buffer;
}

const headers: Record<BenchAlgorithm, object> = {
  HS256: { alg: "HS256", typ: "JWT", kid: "2026-11" },
  RS256: { alg: "RS256", typ: "JWT", kid: "2026-11" },
  ES256: { alg: "ES256", typ: "JWT", kid: "2026-11" },
  // The name that every library here knows; ours takes it for Ed25519.
  Ed25519: { alg: "EdDSA", typ: "JWT", kid: "2026-11" },
};

/** A token signed by nobody's library. */
export function signedBytes({ algorithm, privateKey }: KeyPair, size: PayloadSize): SignedBytes {
  const segments = [headers[algorithm], completeClaims(size)].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const input = Buffer.from(segments.join("."));
  if (algorithm === "HS256") {
    return { input, signature: crypto.createHmac("sha256", privateKey).update(input).digest() };
  }
  const hash = algorithm === "Ed25519" ? null : "sha256";
  return {
    input,
    signature: crypto.sign(hash, input, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/** Different tokens, kept as the bytes of request headers. */
export interface TokenPool {
  readonly signed: readonly SignedBytes[];
  /**
   * The next tokens as strings nobody has seen: cut from a header value that was just decoded, as a server does it.
   * They have no hash yet and no entry in any table of the runtime.
   */
  readonly fresh: (count: number) => string[];
}

const scheme = "Bearer ";

export function makeTokenPool(pair: KeyPair, size: PayloadSize, count: number): TokenPool {
  const signed = Array.from({ length: count }, () => signedBytes(pair, size));
  const headerValues = signed.map(({ input, signature }) =>
    Buffer.from(`${scheme}${input.toString("latin1")}.${signature.toString("base64url")}`),
  );
  let next = 0;
  const freshToken = (): string => {
    const value = headerValues[next++ % headerValues.length] ?? Buffer.alloc(0);
    return value.toString("latin1").slice(scheme.length);
  };
  return { signed, fresh: (howMany) => Array.from({ length: howMany }, freshToken) };
}

/** A function that gives the next items of a list, over and over. */
export function cycle<Item>(items: readonly Item[]): (count: number) => Item[] {
  let next = 0;
  return (count) => {
    const taken: Item[] = [];
    while (taken.length < count) {
      const item = items[next++ % items.length];
      if (item !== undefined) taken.push(item);
    }
    return taken;
  };
}
