import { join } from "node:path";
import { defineConfig } from "vitest/config";

const source = "@countersign/source";
const conditions = [source, "node"];
const nest = "examples/nestjs-api/test/**/*.test.ts";

/** `npm run test:full` raises the budgets of the long suites; each reads this variable itself. */
const full = process.env["TEST_FULL"] === "1";

export default defineConfig({
  test: {
    // What the programs of the tests compile is kept for the next ones, which halves what their start takes.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compiled") },
    pool: "forks",
    maxWorkers: 3,
    testTimeout: full ? 7_200_000 : 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: [
            "packages/*/test/**/*.test.ts",
            "examples/*/test/**/*.test.ts",
            "bench/test/*.test.ts",
            "scripts/test/*.test.ts",
          ],
          exclude: [nest],
          // Starts PostgreSQL once, when the first test asks for it.
          globalSetup: ["packages/server/test/postgres-setup.ts"],
          // Modules are loaded as the programs load them, by Node: a fifth quicker than by way of Vite.
          execArgv: [`--conditions=${source}`],
          experimental: { viteModuleRunner: false, nodeLoader: false },
        },
      },
      {
        extends: true,
        // Node does not take decorators.
        ssr: { resolve: { conditions, externalConditions: conditions } },
        test: { name: "decorators", include: [nest] },
      },
    ],
  },
});
