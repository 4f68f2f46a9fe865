// Everything that is tried on other runtimes, one after the other and with the same arguments.
import { spawnSync } from "node:child_process";

const suites = ["packages/token/test/runtimes/main.ts", "examples/fetch-handlers/test/runtimes/main.ts"];

for (const suite of suites) {
  const args = ["--conditions=@countersign/source", suite, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
