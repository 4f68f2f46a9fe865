// Signs with a key made on the spot, which no server trusts: for trying out, and for a token to begin with.
import { algorithmOf } from "./algorithms.ts";
import { encodeBytes, encodeText } from "./base64url.ts";
import type { JsonObject } from "./parts.ts";

/** A token, and what checks it: a secret, or the public half as a JWK. */
export interface ThrowawayToken {
  readonly token: string;
  readonly kind: "secret" | "jwk";
  readonly key: string;
}

/** Bytes of a secret; more than any hash needs. */
const secretBytes = 32;

/** Signs with the header's own algorithm, or with HS256 where it names none that can be used. */
export async function signWithThrowawayKey(header: JsonObject, payload: string): Promise<ThrowawayToken> {
  const { alg } = header;
  const name = typeof alg === "string" && algorithmOf(alg) !== undefined ? alg : "HS256";
  const algorithm = algorithmOf(name);
  if (algorithm === undefined) throw new TypeError(`${name} is not an algorithm`);
  // The key has a name of its own, so that none is taken for the one that the token had.
  const { kid: _, ...rest } = header;
  const signed = `${encodeText(JSON.stringify({ ...rest, alg: name }))}.${payload}`;
  const data = new TextEncoder().encode(signed);

  if (algorithm.kty === "oct") {
    const key = encodeBytes(crypto.getRandomValues(new Uint8Array(secretBytes)));
    const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(key), algorithm.key, false, [
      "sign",
    ]);
    const signature = new Uint8Array(await crypto.subtle.sign(algorithm.use, secret, data));
    return { token: `${signed}.${encodeBytes(signature)}`, kind: "secret", key };
  }
  const parameters =
    algorithm.kty === "RSA"
      ? {
          ...(algorithm.key as RsaHashedImportParams),
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
        }
      : (algorithm.key as EcKeyGenParams);
  const pair: CryptoKeyPair = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm.use, pair.privateKey, data));
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    token: `${signed}.${encodeBytes(signature)}`,
    kind: "jwk",
    key: JSON.stringify({ kty, crv, x, y, n, e, alg: name }, null, 2),
  };
}

/** How long one HMAC over a text takes here, in milliseconds, over many, as browsers round their clocks. */
export async function measureHmacMs(text: string): Promise<number | undefined> {
  if ((globalThis.crypto as Crypto | undefined)?.subtle === undefined) return undefined;
  const parameters: HmacKeyGenParams = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.generateKey(parameters, false, ["sign"]);
  const data = new TextEncoder().encode(text);
  const rounds = 200;
  await crypto.subtle.sign("HMAC", key, data);
  const sinceMs = performance.now();
  for (let round = 0; round < rounds; round += 1) await crypto.subtle.sign("HMAC", key, data);
  return (performance.now() - sinceMs) / rounds;
}
