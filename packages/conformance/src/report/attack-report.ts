// What a run of the kit has found.
import type { Family, Outcome } from "../attack-case.ts";

export interface AttackResult {
  readonly id: string;
  readonly family: Family;
  readonly name: string;
  readonly source: string;
  /** JWS algorithm of the tokens that were mutated. */
  readonly algorithm: string;
  readonly expected: Outcome;
  readonly got: Outcome;
  /** The rule of the setup that decides, where the RFCs leave room. */
  readonly policy?: string;
  /** Something odd about a right outcome: a raw TypeError, an HTTP 500. */
  readonly remark?: string;
}

export interface AttackReport {
  readonly results: readonly AttackResult[];
  /** Attacks that succeeded: expected `reject`, got `accept`. */
  readonly letIn: readonly AttackResult[];
  /** Honest tokens that were turned away: expected `accept`, got `reject`. */
  readonly turnedAway: readonly AttackResult[];
}

export function report(results: readonly AttackResult[]): AttackReport {
  return {
    results,
    letIn: results.filter(({ expected, got }) => expected === "reject" && got === "accept"),
    turnedAway: results.filter(({ expected, got }) => expected === "accept" && got === "reject"),
  };
}
