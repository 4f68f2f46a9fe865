import { everyAlgorithmSuite } from "./suites/every-algorithm.ts";
import { harness } from "./vitest-harness.ts";

everyAlgorithmSuite(harness);
