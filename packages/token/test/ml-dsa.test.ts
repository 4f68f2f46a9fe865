import { mlDsaSuite } from "./suites/ml-dsa.ts";
import { harness, suiteOfVectors } from "./vitest-harness.ts";

suiteOfVectors("rfc9964-ml-dsa", (read) => {
  mlDsaSuite(harness, read);
});
