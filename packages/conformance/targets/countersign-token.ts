// Target: @countersign/token.
import { createVerifier, importJwk, importJwkSet, importPem, keySet, secretKey } from "@countersign/token";
import type { AlgorithmName, HmacAlgorithmName, Jwk, KeySet } from "@countersign/token";
import type { VerifierSetup } from "../src/verifier-setup.ts";
import { installedVersion, libraryTarget } from "./target.ts";
import type { Target } from "./target.ts";

export const countersignToken: Target = libraryTarget({
  name: "@countersign/token",
  version: installedVersion("@countersign/token"),
  ours: true,
  algorithms: ["HS256", "RS256", "PS256", "ES256", "Ed25519", "ML-DSA-44"],
  configuration: "`createVerifier` with `keys`, `type`, `issuer`, `audience`, `rememberTokens`",
  build: (setup) => {
    const { maxAgeSeconds, type, issuer, audience, requiredClaims, clockToleranceSeconds } = setup;
    if (maxAgeSeconds !== undefined) return null;
    return createVerifier({
      keys: keysOf(setup),
      type,
      issuer,
      audience,
      requiredClaims,
      clockToleranceSeconds,
      maxTokenLength: setup.maxTokenLength,
      rememberTokens: setup.rememberTokens,
      now: setup.now,
    });
  },
});

function keysOf({ algorithm, kid, secret, publicJwk, publicPem, jwks }: VerifierSetup): KeySet {
  const name = algorithm as AlgorithmName;
  if (secret !== undefined) return keySet([secretKey(name as HmacAlgorithmName, secret, { kid })]);
  if (publicJwk !== undefined) return keySet([importJwk(publicJwk as Jwk, { algorithm: name })]);
  if (jwks !== undefined) return importJwkSet(jwks, { algorithm: name });
  return keySet([importPem(name as Exclude<AlgorithmName, HmacAlgorithmName>, publicPem ?? "", { kid })]);
}
