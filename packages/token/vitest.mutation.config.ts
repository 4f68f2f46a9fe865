import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["@countersign/source", "node"];

/** What runs against each mutant: the tests that state a behaviour by examples, so that a score can be repeated. */
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
    // Random input, and the vectors of others, which a clone does not have.
    exclude: ["agreement", "properties", "random-input", "wycheproof", "ml-dsa"].map(
      (name) => `test/**/${name}.test.ts`,
    ),
  },
});
