/** The suites' needs, met by Vitest and a folder on disk. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Harness, ReadVectors } from "./suites/harness.ts";

export const harness: Harness = {
  test: (name, body) => {
    test(name, body);
  },
  check: (holds, complaint) => {
    // Not expect(holds): the properties check millions of times.
    if (!holds) expect.fail(complaint);
  },
};

const repository = resolve(import.meta.dirname, "../../..");

/** Where the vectors of others lie: test/suites reads them there, the project keeps no copy. */
const folder = resolve(repository, process.env["TEST_VECTORS"] ?? "../shared/vectors");

/**
 * Registers a suite that reads vectors, and a test that none of the cases in its folder is left out; or one line that
 * says how to get them. `casesOf` tells how many tests a file must have become.
 */
export function suiteOfVectors(
  path: string,
  casesOf: (file: unknown) => number,
  register: (counting: Harness, read: ReadVectors) => void,
): void {
  const isThere = existsSync(resolve(folder, path));
  (isThere ? registerAndCount : skipSayingSo)(path, casesOf, register);
}

function registerAndCount(...[path, casesOf, register]: Parameters<typeof suiteOfVectors>): void {
  const read: ReadVectors = (file) => JSON.parse(readFileSync(resolve(folder, file), "utf8"));
  let count = 0;
  const counting: Harness = {
    ...harness,
    test: (name, body) => {
      count += 1;
      harness.test(name, body);
    },
  };
  register(counting, read);
  const files = readdirSync(resolve(folder, path)).filter((name) => name.endsWith(".json"));
  test(`${path}: every case of its ${files.length} files is a test`, () => {
    const cases = files.map((name) => casesOf(read(`${path}/${name}`)));
    expect(count).toBe(cases.reduce((sum, one) => sum + one, 0));
    expect(Math.min(...cases)).toBeGreaterThan(0);
  });
}

function skipSayingSo(path: string): void {
  const line = `${path}: skipped, there are no vectors in ${folder}; packages/token/docs/vectors.md says how to get them`;
  process.stderr.write(`${line}\n`);
  test(path, ({ skip }) => {
    skip(line);
  });
}
