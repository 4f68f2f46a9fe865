/** The suites' needs, met by Vitest and a folder on disk. */
import { existsSync, readFileSync } from "node:fs";
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
const folder = resolve(repository, process.env["COUNTERSIGN_VECTORS"] ?? "../shared/vectors");

/** Registers a suite that reads vectors, or one line that says how to get them. */
export function suiteOfVectors(path: string, register: (read: ReadVectors) => void): void {
  if (existsSync(resolve(folder, path))) {
    register((file) => JSON.parse(readFileSync(resolve(folder, file), "utf8")));
    return;
  }
  test(path, ({ skip }) => {
    skip(
      "absent: lay out the vectors as docs/conformance.md says and set COUNTERSIGN_VECTORS to their folder",
    );
  });
}
