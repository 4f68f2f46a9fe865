// The keys that a token is checked with, read from what people paste.
import { algorithmOf, algorithmsFor } from "./algorithms.ts";

/** A key that is trusted, for the algorithms that it may be used with and no other. */
export interface TrustedKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly string[];
  /** Ready for `crypto.subtle`, for one of the algorithms; secrets can sign, too. */
  readonly forAlgorithm: (name: string) => Promise<CryptoKey>;
}

export type KeyKind = "secret" | "jwk" | "pem" | "jwks";

/** Why a text is no key of that kind. */
export type KeyProblem = "empty" | "no_json" | "unusable" | "private_pem" | "certificate" | "unsupported";

export type KeyReading =
  | { readonly keys: readonly TrustedKey[]; readonly holdsPrivateKey: boolean }
  | { readonly problem: KeyProblem };

export async function readKeys(kind: KeyKind, text: string): Promise<KeyReading> {
  if (text.trim() === "") return { problem: "empty" };
  switch (kind) {
    case "secret":
      return { keys: [secretKey(new TextEncoder().encode(text))], holdsPrivateKey: false };
    case "pem":
      return readPem(text);
    case "jwk":
    case "jwks":
      return readJwks(text);
  }
}

/** A secret that says of itself nothing but its bytes. */
function secretKey(
  bytes: Uint8Array<ArrayBuffer>,
  kid?: string,
  algorithms = algorithmsFor("oct"),
): TrustedKey {
  return {
    kid,
    algorithms,
    forAlgorithm: (name) =>
      crypto.subtle.importKey("raw", bytes, keyParameters(name), false, ["sign", "verify"]),
  };
}

function keyParameters(name: string): AlgorithmIdentifier {
  return algorithmOf(name)?.key ?? name;
}

/** One JWK or a set of them, whichever it is. */
async function readJwks(text: string): Promise<KeyReading> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "no_json" };
  }
  if (typeof json !== "object" || json === null) return { problem: "unusable" };
  const members: unknown[] = "keys" in json && Array.isArray(json.keys) ? json.keys : [json];
  const keys: TrustedKey[] = [];
  for (const member of members) {
    const key = await jwkKey(member as JsonWebKey & { kid?: unknown });
    if (key !== undefined) keys.push(key);
  }
  const holdsPrivateKey = members.some(
    (member) => typeof member === "object" && member !== null && "d" in member,
  );
  return keys.length === 0 ? { problem: "unusable" } : { keys, holdsPrivateKey };
}

/** What is of no use here is left out, as RFC 7517 §5 asks. */
async function jwkKey(jwk: JsonWebKey & { kid?: unknown }): Promise<TrustedKey | undefined> {
  if (typeof jwk !== "object" || jwk === null || typeof jwk.kty !== "string" || jwk.use === "enc")
    return undefined;
  const possible = algorithmsFor(jwk.kty, jwk.crv);
  const named = jwk.alg === undefined ? possible : possible.filter((name) => isNamed(name, jwk.alg));
  const [first] = named;
  if (first === undefined) return undefined;
  // Of a private key only the public half: it is all that checking needs.
  const { kty, crv, x, y, n, e, k } = jwk;
  const plain = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, k })) as JsonWebKey;
  const forAlgorithm = (name: string): Promise<CryptoKey> =>
    crypto.subtle.importKey(
      "jwk",
      plain,
      keyParameters(name),
      false,
      kty === "oct" ? ["sign", "verify"] : ["verify"],
    );
  try {
    await forAlgorithm(first);
  } catch {
    return undefined;
  }
  return { kid: typeof jwk.kid === "string" ? jwk.kid : undefined, algorithms: named, forAlgorithm };
}

/** RFC 9864: `EdDSA` is the old name of `Ed25519`. */
function isNamed(name: string, alg: string | undefined): boolean {
  return name === alg || (name === "EdDSA" && alg === "Ed25519") || (name === "Ed25519" && alg === "EdDSA");
}

/** A public key (SPKI). PEM does not say the algorithm, so each kind is tried until one takes it. */
async function readPem(text: string): Promise<KeyReading> {
  if (/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(text)) return { problem: "private_pem" };
  if (text.includes("-----BEGIN CERTIFICATE-----")) return { problem: "certificate" };
  const [, body] = /-----BEGIN PUBLIC KEY-----([\s\w+/=]+)-----END PUBLIC KEY-----/.exec(text) ?? [];
  if (body === undefined) return { problem: "unusable" };
  let der: Uint8Array<ArrayBuffer>;
  try {
    der = Uint8Array.from(atob(body.replaceAll(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return { problem: "unusable" };
  }
  for (const [kty, crv] of pemKinds) {
    const algorithms = algorithmsFor(kty, crv);
    const forAlgorithm = (name: string): Promise<CryptoKey> =>
      crypto.subtle.importKey("spki", der, keyParameters(name), false, ["verify"]);
    try {
      await forAlgorithm(algorithms[0] ?? "");
      return { keys: [{ kid: undefined, algorithms, forAlgorithm }], holdsPrivateKey: false };
    } catch {
      // Not of this kind.
    }
  }
  return { problem: "unsupported" };
}

const pemKinds: readonly (readonly [kty: string, crv?: string])[] = [
  ["EC", "P-256"],
  ["OKP", "Ed25519"],
  ["RSA"],
  ["EC", "P-384"],
  ["EC", "P-521"],
];
