import { randomInputSuite } from "./suites/random-input.ts";
import { harness } from "./vitest-harness.ts";

randomInputSuite(harness);
