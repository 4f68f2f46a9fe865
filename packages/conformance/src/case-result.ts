// From a case and its verdict to a line of the report.
import type { Outcome, Placed } from "./attack-case.ts";
import type { AttackResult } from "./report/attack-report.ts";

export interface CaseVerdict {
  readonly got: Outcome;
  /** Something odd about a right outcome: a raw TypeError, an HTTP 500. */
  readonly remark?: string | undefined;
}

export function resultOf(one: Placed, algorithm: string, { got, remark }: CaseVerdict): AttackResult {
  const { id, family, name, source, expected, policy } = one;
  return {
    id,
    family,
    name,
    source,
    algorithm,
    expected,
    got,
    ...(policy === undefined ? {} : { policy }),
    ...(remark === undefined ? {} : { remark }),
  };
}
