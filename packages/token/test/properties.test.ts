import { propertiesSuite } from "./suites/properties.ts";
import { rememberingSuite } from "./suites/remembering.ts";
import { harness } from "./vitest-harness.ts";

const full = process.env["COUNTERSIGN_TEST_FULL"] === "1";

propertiesSuite(harness, {
  cases: full ? 100_000 : 1000,
  algorithms: ["HS256", "HS384", "HS512", "RS256", "PS384", "ES256", "ES512", "Ed25519", "ML-DSA-44"],
});

rememberingSuite(harness, { verifications: full ? 1_000_000 : 20_000 });
