import { mlDsaSuite } from "./suites/ml-dsa.ts";
import { suiteOfVectors } from "./vitest-harness.ts";

/** A key and a token each, of which the suite asks four things. */
const testsPerFile = (): number => 4;

suiteOfVectors("rfc9964-ml-dsa", testsPerFile, (harness, read) => {
  mlDsaSuite(harness, read);
});
