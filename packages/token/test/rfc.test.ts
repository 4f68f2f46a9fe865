import { rfcSuite } from "./suites/rfc.ts";
import { harness } from "./vitest-harness.ts";

rfcSuite(harness);
