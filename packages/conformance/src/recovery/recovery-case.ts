// What a case about recovery is: what is tried at a service, and what a correct one does.
import type { CaseFacts, Placed } from "../attack-case.ts";
import type { RecoveryService } from "./recovery-service.ts";

/** Whether the attack worked. `unposable`: this service gives no material for it. */
export type RecoveryVerdict = "worked" | "failed" | "unposable";

export interface RecoveryFacts extends CaseFacts {
  /** Makes its own accounts. For a control, `worked` means that the honest person got on. */
  readonly play: (service: RecoveryService) => Promise<RecoveryVerdict>;
}

export type RecoveryCase = RecoveryFacts & Placed;

export function verdictOf(hasWorked: boolean): RecoveryVerdict {
  return hasWorked ? "worked" : "failed";
}
