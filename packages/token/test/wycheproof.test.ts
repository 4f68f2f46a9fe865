import { suiteOfVectors, harness } from "./vitest-harness.ts";
import { wycheproofSuite } from "./suites/wycheproof.ts";
import { wycheproofPrimitivesSuite } from "./suites/wycheproof-primitives.ts";

suiteOfVectors("wycheproof", (read) => {
  wycheproofSuite(harness, read);
});

suiteOfVectors("wycheproof-primitives", (read) => {
  wycheproofPrimitivesSuite(harness, read, { hasLatticeKeys: true });
});
