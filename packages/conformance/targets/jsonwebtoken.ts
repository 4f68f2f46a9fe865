// Target: jsonwebtoken.
import jsonwebtoken from "jsonwebtoken";
import type { VerifierSetup } from "../src/verifier-setup.ts";
import { asksForMoreClaims, installedVersion, libraryTarget } from "./target.ts";
import type { Target } from "./target.ts";

export const jsonwebtokenTarget: Target = libraryTarget({
  name: "jsonwebtoken",
  version: installedVersion("jsonwebtoken"),
  algorithms: ["HS256", "RS256", "PS256", "ES256"],
  configuration:
    "`verify` with `algorithms`, `issuer`, `audience`; it has no option for `typ` or required claims",
  build: (setup) => {
    const key = jsonwebtokenKey(setup);
    if (key === undefined || asksForMoreClaims(setup)) return null;
    const options = jsonwebtokenOptions(setup);
    return (token) => jsonwebtoken.verify(token, key, options);
  },
});

export function jsonwebtokenKey({ secret, publicPem }: VerifierSetup): Buffer | string | undefined {
  return secret === undefined ? publicPem : Buffer.from(secret);
}

export function jsonwebtokenOptions(setup: VerifierSetup): jsonwebtoken.VerifyOptions & { complete?: false } {
  const { algorithm, issuer, audience, clockToleranceSeconds, maxAgeSeconds, now } = setup;
  return {
    algorithms: [algorithm as jsonwebtoken.Algorithm],
    issuer,
    audience,
    clockTolerance: clockToleranceSeconds,
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
    ...(now === undefined ? {} : { clockTimestamp: now() }),
  };
}
