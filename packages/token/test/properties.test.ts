import { propertiesSuite } from "./suites/properties.ts";
import { rememberingSuite } from "./suites/remembering.ts";
import { harness } from "./vitest-harness.ts";

const full = process.env["TEST_FULL"] === "1";

propertiesSuite(harness, {
  cases: full ? 100_000 : 1000,
  algorithms: [
    ...(["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const),
    ...(["ES256", "ES384", "ES512", "Ed25519", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const),
  ],
  strideOfSlowAlgorithms: full ? 1 : 61,
});

rememberingSuite(harness, { tokens: full ? 1_000_000 : 4000 });
