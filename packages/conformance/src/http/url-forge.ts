// The forger's bench for a URL: all it has is one valid token, perhaps the published keys, perhaps the secret.
import { createPublicKey, createSecretKey } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { createForge, partsOf } from "../forge.ts";
import type { Forge, JsonObject, PublicKey } from "../forge.ts";
import { isHmac, mac } from "../signing.ts";
import { UrlTargetError } from "./url-target-error.ts";

export interface UrlMaterial {
  readonly token: string;
  /** The issuer's published keys: adds the attacks that need them. */
  readonly jwks?: readonly JsonWebKey[];
  /** The HMAC secret of an API of one's own: adds the odd tokens that only its holder could sign. */
  readonly secret?: Uint8Array;
}

/** @throws UrlTargetError `not_a_token`, `keys_unusable` */
export function forgeFromToken({ token, jwks = [], secret }: UrlMaterial): Forge {
  const [headerSegment, payloadSegment, signature] = partsOf(token);
  const header = objectIn(headerSegment);
  const claims = objectIn(payloadSegment);
  const { alg } = header;
  if (typeof alg !== "string" || signature === "") throw notAToken();
  return createForge({
    algorithm: alg,
    header,
    claims,
    honest: token,
    publicKeys: publicKeys(jwks, header["kid"]),
    signingKey: secret === undefined ? undefined : checkedSecret(alg, secret, token),
  });
}

function objectIn(segment: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
  } catch {
    // The parser's message would repeat a part of the token.
    throw notAToken();
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw notAToken();
}

function notAToken(): UrlTargetError {
  return new UrlTargetError("not_a_token", "The token given is not a signed JSON Web Token.");
}

/** The token's own key first, where the set has it. */
function publicKeys(jwks: readonly JsonWebKey[], kid: unknown): readonly PublicKey[] {
  const usable = jwks.filter(({ kty }) => kty !== "oct");
  const own = usable.filter((jwk) => jwk["kid"] === kid);
  const ordered = [...own, ...usable.filter((jwk) => !own.includes(jwk))];
  try {
    return ordered.map((jwk) => ({ object: createPublicKey({ key: jwk, format: "jwk" }), jwk }));
  } catch (error) {
    throw new UrlTargetError("keys_unusable", "The key set contains a key that cannot be read.", {
      cause: error,
    });
  }
}

function checkedSecret(algorithm: string, secret: Uint8Array, token: string): KeyObject {
  const [header, payload, signature] = partsOf(token);
  const signs =
    isHmac(algorithm) && mac(algorithm, secret, `${header}.${payload}`).toString("base64url") === signature;
  if (signs) return createSecretKey(secret);
  throw new UrlTargetError("keys_unusable", "The secret given does not sign the token given.");
}
