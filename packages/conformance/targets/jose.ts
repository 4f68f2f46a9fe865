// Target: jose.
import { createLocalJWKSet, importJWK, importSPKI, jwtVerify } from "jose";
import type { CryptoKey, JSONWebKeySet, JWK, JWTVerifyOptions } from "jose";
import type { VerifierSetup } from "../src/verifier-setup.ts";
import { installedVersion, libraryTarget } from "./target.ts";
import type { Target } from "./target.ts";

export const joseTarget: Target = libraryTarget({
  name: "jose",
  version: installedVersion("jose"),
  algorithms: ["HS256", "RS256", "PS256", "ES256", "Ed25519", "ML-DSA-44"],
  configuration: "`jwtVerify` with `algorithms`, `issuer`, `audience`, `typ`, `requiredClaims` (`exp`)",
  build: async (setup) => {
    const options = optionsOf(setup);
    const key = await keyOf(setup);
    if (key !== undefined) return (token) => jwtVerify(token, key, options);
    if (setup.jwks === undefined) return null;
    const keys = createLocalJWKSet(setup.jwks as JSONWebKeySet);
    return (token) => jwtVerify(token, keys, options);
  },
});

async function keyOf(setup: VerifierSetup): Promise<CryptoKey | Uint8Array | undefined> {
  const { algorithm, secret, publicPem, publicJwk } = setup;
  if (secret !== undefined) return secret;
  if (publicJwk !== undefined) return importJWK(publicJwk as JWK, algorithm);
  return publicPem === undefined ? undefined : importSPKI(publicPem, algorithm);
}

function optionsOf(setup: VerifierSetup): JWTVerifyOptions {
  const { algorithm, issuer, audience, type, requiredClaims } = setup;
  const { clockToleranceSeconds, maxAgeSeconds, now } = setup;
  return {
    algorithms: [algorithm],
    issuer,
    audience,
    requiredClaims: [...requiredClaims],
    clockTolerance: clockToleranceSeconds,
    ...(type === null ? {} : { typ: type }),
    ...(maxAgeSeconds === undefined ? {} : { maxTokenAge: maxAgeSeconds }),
    ...(now === undefined ? {} : { currentDate: new Date(now() * 1000) }),
  };
}
