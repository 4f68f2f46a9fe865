/**
 * What the vector and property suites need of a test runner.
 *
 * They run under Vitest and, unchanged, in every runtime that the package supports; a dozen lines give any of those
 * these two functions.
 */
export interface Harness {
  readonly test: (name: string, body: () => void | Promise<void>) => void;
  /** Fails the test that runs, with the complaint, unless the condition holds. */
  readonly check: (holds: boolean, complaint: string) => void;
}

/** The parsed JSON of a file in the folder of vectors, by its path in there. */
export type ReadVectors = (path: string) => unknown;
