import { agreementSuite } from "./suites/agreement.ts";
import { harness } from "./vitest-harness.ts";

agreementSuite(harness, { cases: process.env["TEST_FULL"] === "1" ? 100_000 : 2000 });
