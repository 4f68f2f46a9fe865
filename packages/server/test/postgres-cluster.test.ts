import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

test("a process that imports the test cluster ends with its own exit code, so that failed tests fail the run", () => {
  const cluster = new URL("postgres-cluster.ts", import.meta.url);
  const program = `await import(${JSON.stringify(cluster)}); process.exitCode = 3;`;
  const { status } = spawnSync(process.execPath, ["--input-type=module", "--eval", program]);
  expect(status).toBe(3);
});
