// Way three: the family "recovery" against a service whose mail somebody reads.
import { recoveryAttacks } from "./attacks/recovery.ts";
import { resultOf } from "./case-result.ts";
import { report } from "./report/attack-report.ts";
import type { AttackReport, AttackResult } from "./report/attack-report.ts";
import { createRecoveryService, type RecoveryTarget } from "./recovery/recovery-service.ts";

export interface AttackRecoveryOptions extends RecoveryTarget {
  /** Told after each case: for progress while the kit runs. */
  readonly onResult?: (result: AttackResult) => void;
}

/**
 * Poses every case of the family "recovery", one after the other, with accounts that it makes for them.
 *
 * @throws UrlTargetError when the service cannot be judged: nobody can sign up, no mail comes, its rate limit refuses.
 */
export async function attackRecovery(options: AttackRecoveryOptions): Promise<AttackReport> {
  const service = createRecoveryService(options);
  const results: AttackResult[] = [];
  for (const one of recoveryAttacks) {
    const verdict = await one.play(service);
    if (verdict === "unposable") continue;
    const result = resultOf(one, "none", { got: verdict === "worked" ? "accept" : "reject" });
    results.push(result);
    options.onResult?.(result);
  }
  return report(results);
}
