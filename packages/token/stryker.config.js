const options = {
  testRunner: "vitest",
  vitest: { configFile: "vitest.examples.config.ts", related: false },
  coverageAnalysis: "perTest",
  mutate: ["src/**/*.ts"],
  // Stryker would rewrite it with an API that TypeScript 7 no longer has; its copy lies within reach of the original.
  ignorePatterns: ["tsconfig.json"],
  concurrency: 2,
  timeoutMS: 4000,
  reporters: ["clear-text", "progress-append-only", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  incrementalFile: "reports/incremental.json",
  jsonReporter: { fileName: "reports/mutation.json" },
  thresholds: { high: 97, low: 94, break: 90 },
};

export default options;
