// How many logins succeeded and failed here, by reason. No row of the trail is written for a failure: they are unbounded.
import type { ServiceErrorCode } from "../errors.ts";
import type { LoginOutcomes } from "./finish.ts";

export interface LoginCounts extends LoginOutcomes {
  /** Since the start of this process, by `succeeded` or the code of the refusal. */
  counts(): ReadonlyMap<"succeeded" | ServiceErrorCode, number>;
}

export function createLoginCounts(): LoginCounts {
  const counts = new Map<"succeeded" | ServiceErrorCode, number>();
  const count = (outcome: "succeeded" | ServiceErrorCode): void => {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  };
  return {
    succeeded: () => count("succeeded"),
    failed: (code) => count(code),
    counts: () => counts,
  };
}
