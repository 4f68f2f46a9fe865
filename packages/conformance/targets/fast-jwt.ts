// Target: fast-jwt.
import { createVerifier } from "fast-jwt";
import type { Algorithm } from "fast-jwt";
import { installedVersion, libraryTarget } from "./target.ts";
import type { Target } from "./target.ts";

export const fastJwt: Target = libraryTarget({
  name: "fast-jwt",
  version: installedVersion("fast-jwt"),
  algorithms: ["HS256", "RS256", "PS256", "ES256", "EdDSA"],
  configuration:
    "`createVerifier` with `algorithms`, `allowedIss`, `allowedAud`, `checkTyp`, `requiredClaims` (`exp`, `iss`, `aud`), `cache`",
  build: (setup) => {
    const { algorithm, secret, publicPem, issuer, audience, type, requiredClaims, rememberTokens } = setup;
    const { clockToleranceSeconds: tolerance, maxAgeSeconds, now } = setup;
    const key = secret === undefined ? publicPem : Buffer.from(secret);
    if (key === undefined) return null;
    return createVerifier({
      key,
      algorithms: [algorithm as Algorithm],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: [...requiredClaims, "iss", "aud"],
      // Milliseconds here; what is no number goes through as it is, because some cases are about that.
      clockTolerance: typeof tolerance === "number" ? tolerance * 1000 : tolerance,
      cache: rememberTokens ?? false,
      ...(type === null ? {} : { checkTyp: type }),
      ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds * 1000 }),
      ...(now === undefined ? {} : { clockTimestamp: now() * 1000 }),
    });
  },
});
