import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@countersign/source", "node"];

/**
 * Left out: random input; the vectors of others; the documentation and the types, which run nothing of the copy; rounds
 * through all algorithms, which are slow and say no more than the examples.
 */
const left = [
  "agreement",
  "every-algorithm",
  "ml-dsa",
  "properties",
  "random-input",
  "readme",
  "round-trip",
  "types",
  "wycheproof",
];

/**
 * The tests that state a behaviour by examples. They alone reach every branch (`npm run test:coverage`), and what no one
 * of them notices counts as not noticed (`npm run test:mutation`), so both figures can be repeated.
 */
export default defineConfig({
  resolve: {
    // In Stryker's copy of this package its own name would lead to the original.
    alias: [
      ["@countersign/token/jsonwebtoken", "src/jsonwebtoken/index.ts"] as const,
      ["@countersign/token", "src/index.ts"] as const,
    ].map(([find, path]) => ({ find, replacement: fileURLToPath(new URL(path, import.meta.url)) })),
  },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: left.map((name) => `test/**/${name}.test.ts`),
    // Modules are loaded anew for each mutant anyway, and so a run takes half the time.
    isolate: false,
    // Instrumented code is several times slower.
    testTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["src/**"],
      reporter: [["text", { skipFull: true }]],
      thresholds: { 100: true },
    },
  },
});
