/** The suites in workerd, which has no files: the vectors come as text bindings. Prints the report as one line. */
import { runSuites } from "./run-suites.ts";

const worker = {
  async test(_controller: unknown, env: Readonly<Record<string, string>>): Promise<void> {
    const hasVectors = Object.keys(env).length > 0;
    const report = await runSuites(hasVectors ? (path) => JSON.parse(env[path] ?? "") : undefined);
    // oxlint-disable-next-line no-console -- the only way out of a worker
    console.log(JSON.stringify(report));
  },
};

export default worker;
