/** The suites without a test framework: what is left of them on a runtime is a report. */
import { generateKey } from "../../src/index.ts";
import { everyAlgorithmSuite } from "../suites/every-algorithm.ts";
import type { Harness, ReadVectors } from "../suites/harness.ts";
import { mlDsaSuite } from "../suites/ml-dsa.ts";
import { propertiesSuite } from "../suites/properties.ts";
import { randomInputSuite } from "../suites/random-input.ts";
import { rememberingSuite } from "../suites/remembering.ts";
import { rfcSuite } from "../suites/rfc.ts";
import { wycheproofPrimitivesSuite } from "../suites/wycheproof-primitives.ts";
import { wycheproofSuite } from "../suites/wycheproof.ts";

export interface Report {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly complaint: string }[];
  readonly hasLatticeKeys: boolean;
}

/** Runs every suite, those over vectors only where there are any, one test after the other. */
export async function runSuites(readVectors: ReadVectors | undefined): Promise<Report> {
  const tests: { name: string; body: () => void | Promise<void> }[] = [];
  const harness: Harness = {
    test: (name, body) => {
      tests.push({ name, body });
    },
    check: (holds, complaint) => {
      if (!holds) throw new RangeError(complaint);
    },
  };
  const hasLatticeKeys = await generateKey("ML-DSA-44").then(
    () => true,
    () => false,
  );
  rfcSuite(harness);
  everyAlgorithmSuite(harness);
  randomInputSuite(harness);
  propertiesSuite(harness, {
    cases: 200,
    algorithms: [
      "HS256",
      "RS256",
      "PS256",
      "ES256",
      "Ed25519",
      ...(hasLatticeKeys ? ["ML-DSA-44" as const] : []),
    ],
    strideOfSlowAlgorithms: 61,
  });
  rememberingSuite(harness, { tokens: 400 });
  if (readVectors !== undefined) {
    if (hasLatticeKeys) mlDsaSuite(harness, readVectors);
    wycheproofSuite(harness, readVectors);
    wycheproofPrimitivesSuite(harness, readVectors, { hasLatticeKeys });
  }
  const failed: { name: string; complaint: string }[] = [];
  for (const { name, body } of tests) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a report names the culprit
      await body();
    } catch (error) {
      failed.push({ name, complaint: String(error).slice(0, 500) });
    }
  }
  return { passed: tests.length - failed.length, failed, hasLatticeKeys };
}
