// The kit's own keys: the half that signs stays here, the half that a verifier needs is described in `setup`.
import { createPublicKey, randomBytes, randomInt } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { createForge, segment } from "./forge.ts";
import type { Forge, JsonObject, PublicKey } from "./forge.ts";
import { ALGORITHMS, generateSigningKey, isHmac, signAs } from "./signing.ts";
import { DEFAULT_PROFILE } from "./verifier-setup.ts";
import type { Profile, VerifierSetup } from "./verifier-setup.ts";

export interface AttackKeys {
  /** What to build the verifier from. */
  readonly setup: VerifierSetup;
  /** Secret or private key with which the honest tokens are signed. */
  readonly signingKey: KeyObject;
  readonly header: JsonObject;
  /** Claims of an honest token; `iat` and `exp` are added when it is signed. */
  readonly claims: JsonObject;
}

export interface MakeKeysOptions extends Partial<Profile> {
  /** Keys that the verifier already has: an HMAC secret or a private key. Without it the kit generates one. */
  readonly signingKey?: KeyObject;
  readonly kid?: string;
  /** Further claims that the verifier insists on. */
  readonly claims?: JsonObject;
}

/**
 * Keys for one algorithm, and the description of the verifier to attack.
 *
 * @throws TypeError for an algorithm that the kit does not know.
 */
export function makeKeys(algorithm: string, options: MakeKeysOptions = {}): AttackKeys {
  if (!ALGORITHMS.includes(algorithm)) throw new TypeError(`Unknown algorithm: ${algorithm}`);
  const { signingKey = generateSigningKey(algorithm), kid = "key-1", claims = {}, ...named } = options;
  const profile = { ...DEFAULT_PROFILE, ...named };
  return {
    signingKey,
    setup: {
      ...profile,
      algorithm,
      kid,
      ...verifyingForms(algorithm, signingKey, kid),
      requiredClaims: ["exp"],
      clockToleranceSeconds: 0,
      maxTokenLength: 8192,
    },
    header: { alg: algorithm, kid, ...(profile.type === null ? {} : { typ: profile.type }) },
    claims: { iss: profile.issuer, aud: profile.audience, sub: "user-1", roles: ["user"], ...claims },
  };
}

/** Every form in which the verifying half can be handed over. */
function verifyingForms(
  algorithm: string,
  key: KeyObject,
  kid: string,
): Pick<VerifierSetup, "secret" | "publicPem" | "publicJwk" | "jwks"> {
  if (isHmac(algorithm)) return { secret: key.export() };
  const publicKey = createPublicKey(key);
  const publicJwk = { ...publicKey.export({ format: "jwk" }), kid, alg: algorithm, use: "sig" };
  return {
    publicPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
    publicJwk,
    jwks: { keys: [publicJwk] },
  };
}

/** The JWK of a secret, for the sets that must not contain one. */
export function secretJwk(algorithm: string, secret: Uint8Array, kid: string): JsonWebKey {
  return { kty: "oct", k: segment(secret), alg: algorithm, kid };
}

/**
 * The bench for these keys, with a fresh honest token.
 *
 * Its `jti` is drawn until payload and signature have what the mutations need: `-` or `_` to replace, and unused
 * bits to set.
 */
export function forgeFrom(keys: AttackKeys): Forge {
  const { setup, signingKey, header } = keys;
  const iat = Math.floor(Date.now() / 1000);
  const draw = (): { claims: JsonObject; honest: string } => {
    const jti = randomBytes(15).toString("base64url").slice(0, randomInt(18, 21));
    const claims = { ...keys.claims, iat, exp: iat + 600, jti, motto: "~~~ÿÿÿ>>>???" };
    const input = `${segment(header)}.${segment(claims)}`;
    return { claims, honest: `${input}.${segment(signAs(setup.algorithm, signingKey, input))}` };
  };
  const drawn = attempt(draw, ({ honest }) => /\.[^.]*[-_][^.]*\.[^.]*[-_][^.]*$/.test(honest));
  return createForge({
    algorithm: setup.algorithm,
    header,
    ...drawn,
    publicKeys: publicKeyOf(keys),
    signingKey,
  });
}

function publicKeyOf({ signingKey, setup: { publicJwk } }: AttackKeys): readonly PublicKey[] {
  return publicJwk === undefined ? [] : [{ object: createPublicKey(signingKey), jwk: publicJwk }];
}

/** Draws until it suits; the last draw is good enough when none does. */
function attempt<Drawn>(draw: () => Drawn, suits: (drawn: Drawn) => boolean): Drawn {
  let drawn = draw();
  for (let tries = 0; tries < 100 && !suits(drawn); tries++) drawn = draw();
  return drawn;
}
