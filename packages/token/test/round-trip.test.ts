/** Every algorithm signs tokens that its own verifier accepts, and no other token. */
import {
  createSigner,
  createVerifier,
  exportJwkSet,
  generateKey,
  importJwkSet,
  type KeySet,
  keySet,
} from "@countersign/token";
import { describe, expect, test } from "vitest";

const issuer = "https://auth.example.com";
const audience = "https://api.example.com";

const algorithms = [
  ...(["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
  ...(["ES256", "ES384", "ES512", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const),
];

describe.each(algorithms)("%s", (algorithm) => {
  test("a token verifies under the published key and not after a change", async () => {
    const key = await generateKey(algorithm);
    const sign = createSigner({ key, type: "at+jwt", issuer, audience, lifetimeSeconds: 60 });
    const verify = createVerifier({ keys: publish(keySet([key])), type: "at+jwt", issuer, audience });
    const token = sign({ sub: "42" });
    expect(verify(token)).toMatchObject({ iss: issuer, aud: audience, sub: "42" });
    const [header, payload, signature] = token.split(".");
    const other = sign({ sub: "43" }).split(".")[1];
    expect(payload).not.toBe(other);
    expect(() => verify(`${header}.${other}.${signature}`)).toThrow(
      expect.objectContaining({ code: "bad_signature" }),
    );
  });
});

/** What a verifier elsewhere would have: the set as published, unless it is a secret. */
function publish(set: KeySet): KeySet {
  return set.keys.some((key) => key.canSign) ? set : importJwkSet(exportJwkSet(set));
}
