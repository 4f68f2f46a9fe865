import { attack, makeKeys } from "@countersign/conformance";
import { createVerifier, keySet, secretKey } from "@countersign/token";
import { expect, test } from "vitest";

test("lets no forged token in", async () => {
  const keys = makeKeys("HS256"); // or RS256, PS256, ES256, Ed25519, ML-DSA-44, …
  const { secret = new Uint8Array(), issuer, audience, type } = keys.setup;
  // Your verifier stands here, whatever it is made with.
  const verify = createVerifier({ keys: keySet([secretKey("HS256", secret)]), issuer, audience, type });

  const report = await attack(verify, keys);

  expect(report.turnedAway).toEqual([]); // honest tokens that were refused
  expect(report.letIn).toEqual([]); // attacks that worked
});
