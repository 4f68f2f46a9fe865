// Whether the audit trail's chain is whole, for those who look at it: every row is read for it.
import type { AuditChainResponse } from "@countersign/client";
import type { AuditTrail } from "../audit/trail.ts";
import { isoTime } from "../iso-time.ts";
import { keptFor } from "./kept-answer.ts";

/** So long an answer is given again; the page says when it was made. */
const keptMs = 10_000;

export function createChainCheck(
  audit: Pick<AuditTrail, "verifyChain">,
  nowMs: () => number = () => Date.now(),
): () => Promise<AuditChainResponse> {
  const check = async (): Promise<AuditChainResponse> => {
    const verdict = await audit.verifyChain();
    return {
      outcome: verdict.outcome,
      rows: verdict.outcome === "intact" ? verdict.rows : Math.max(verdict.seq - 1, 0),
      checked_at: isoTime(nowMs()),
    };
  };
  return keptFor(keptMs, check, nowMs);
}
