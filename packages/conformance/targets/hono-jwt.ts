// Target: hono/jwt.
import { isUtf8 } from "node:buffer";
import type { JsonWebKey } from "node:crypto";
import { verify, verifyWithJwks } from "hono/jwt";
import type { SignatureAlgorithm } from "hono/utils/jwt/jwa";
import type { HonoJsonWebKey } from "hono/utils/jwt/jws";
import type { VerifierSetup } from "../src/verifier-setup.ts";
import { asksForMoreClaims, installedVersion, libraryTarget } from "./target.ts";
import type { Target } from "./target.ts";

type AsymmetricAlgorithm = Exclude<SignatureAlgorithm, `HS${string}`>;

export const honoJwt: Target = libraryTarget({
  name: "hono/jwt",
  version: installedVersion("hono"),
  algorithms: ["HS256", "RS256", "PS256", "ES256", "EdDSA"],
  configuration:
    "`verify` with `alg`, `iss`, `aud`, `typ`, and `verifyWithJwks`; it has no option for required claims",
  build: (setup) => {
    const { algorithm, issuer: iss, audience: aud, type, jwks } = setup;
    if (asksForMoreClaims(setup) || setup.clockToleranceSeconds !== 0) return null;
    if (setup.maxAgeSeconds !== undefined || setup.now !== undefined) return null;
    const expected = { iss, aud, ...(type === null ? {} : { typ: type }) };
    const key = keyOf(setup);
    if (key !== undefined) {
      return (token) => verify(token, key, { alg: algorithm as SignatureAlgorithm, ...expected });
    }
    if (jwks === undefined) return null;
    const options = {
      keys: jwks.keys.map(honoKey),
      allowedAlgorithms: [algorithm as AsymmetricAlgorithm],
      verification: expected,
    };
    return (token) => verifyWithJwks(token, options);
  },
});

/** Secrets are strings here; one that is not text goes in as a JWK. */
function keyOf({ secret, publicPem, publicJwk }: VerifierSetup): string | HonoJsonWebKey | undefined {
  if (publicJwk !== undefined) return honoKey(publicJwk);
  if (secret === undefined) return publicPem;
  const bytes = Buffer.from(secret);
  if (isUtf8(bytes)) return bytes.toString();
  return honoKey({ kty: "oct", k: bytes.toString("base64url") });
}

/** A copy, because the library reads the object again for every token. */
function honoKey(jwk: JsonWebKey): HonoJsonWebKey {
  const { kid } = jwk;
  return { ...jwk, ...(typeof kid === "string" ? { kid } : {}) };
}
