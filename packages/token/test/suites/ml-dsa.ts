/** RFC 9964: the example keys and tokens for ML-DSA. */
import { exportPublicJwk, importJwk, type Jwk, keySet, publicKey, thumbprint } from "../../src/index.ts";
import { materialOf } from "../../src/keys.ts";
import type { Harness, ReadVectors } from "./harness.ts";
import { openToken } from "./verdict.ts";

interface Example {
  readonly jwk: Jwk;
  readonly jws: string;
}

export function mlDsaSuite({ test, check }: Harness, read: ReadVectors): void {
  for (const strength of [44, 65, 87]) {
    const { jwk, jws } = read(`rfc9964-ml-dsa/ML_DSA_${strength}.jose.json`) as Example;

    test(`RFC 9964: the ML-DSA-${strength} token verifies`, () => {
      const payload = openToken(keySet([importJwk(jwk)]), jws);
      check(payload !== undefined && payload.length > 0, "refused");
    });

    test(`RFC 9964: the ML-DSA-${strength} key is its own thumbprint's`, () => {
      check(thumbprint(importJwk(jwk)) === jwk.kid, "another thumbprint");
    });

    test(`RFC 9964: the ML-DSA-${strength} private key is the seed of the public one`, () => {
      const key = importJwk(jwk);
      check(key.canSign, "no private key");
      check(exportPublicJwk(publicKey(key)).pub === jwk.pub, "another public key");
      const input = jws.slice(0, jws.lastIndexOf("."));
      const signature = materialOf(key).sign?.(input);
      check(openToken(keySet([key]), `${input}.${signature}`) !== undefined, "its signature does not hold");
    });

    test(`RFC 9964: an ML-DSA-${strength} key without alg is refused`, () => {
      const { alg: _alg, ...rest } = jwk;
      let refusal: unknown;
      try {
        importJwk(rest, { algorithm: `ML-DSA-${strength}` as "ML-DSA-44" });
      } catch (error) {
        refusal = error;
      }
      check(refusal instanceof TypeError, "accepted");
    });
  }
}
