import { suiteOfVectors } from "./vitest-harness.ts";
import { wycheproofSuite } from "./suites/wycheproof.ts";
import { wycheproofPrimitivesSuite } from "./suites/wycheproof-primitives.ts";

/** The files say it themselves. */
const numberOfTests = (file: unknown): number => (file as { numberOfTests: number }).numberOfTests;

suiteOfVectors("wycheproof", numberOfTests, (harness, read) => {
  wycheproofSuite(harness, read);
});

suiteOfVectors("wycheproof-primitives", numberOfTests, (harness, read) => {
  wycheproofPrimitivesSuite(harness, read, { hasLatticeKeys: true });
});
