// How many logins succeeded and failed here, by reason. No row of the trail is written for a failure: they are unbounded.
import type { ServiceErrorCode } from "../errors.ts";
import type { LoginOutcomes } from "./finish.ts";

export type LoginOutcome = "succeeded" | ServiceErrorCode;

export interface LoginCounts extends LoginOutcomes {
  /** Since the start of this process, by `succeeded` or the code of the refusal. */
  counts(): ReadonlyMap<LoginOutcome, number>;
}

/** `onOutcome` hears of each as it comes. */
export function createLoginCounts(onOutcome: (outcome: LoginOutcome) => void = () => undefined): LoginCounts {
  const counts = new Map<LoginOutcome, number>();
  const count = (outcome: LoginOutcome): void => {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    onOutcome(outcome);
  };
  return {
    succeeded: () => count("succeeded"),
    failed: (code) => count(code),
    counts: () => counts,
  };
}
