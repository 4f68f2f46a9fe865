import { join } from "node:path";
import { defineConfig } from "vitest/config";

const sourceConditions = ["@countersign/source", "node"];

/** `npm run test:full` raises the budgets of the long suites; each reads this variable itself. */
const full = process.env["TEST_FULL"] === "1";

export default defineConfig({
  ssr: { resolve: { conditions: sourceConditions, externalConditions: sourceConditions } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "examples/*/test/**/*.test.ts",
      "bench/test/*.test.ts",
      "scripts/test/*.test.ts",
    ],
    // Starts PostgreSQL once, when the first test asks for it.
    globalSetup: ["packages/server/test/postgres-setup.ts"],
    // What the programs of the tests compile is kept for the next ones, which halves what their start takes.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    pool: "forks",
    maxWorkers: 3,
    testTimeout: full ? 7_200_000 : 60_000,
    hookTimeout: 60_000,
  },
});
