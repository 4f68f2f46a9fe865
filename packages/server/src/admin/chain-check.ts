// Whether the audit trail's chain is whole, for those who look at it: every row is read for it, so that
// of many who ask at once one check answers all, and its answer holds for a while.
import type { AuditChainResponse } from "@countersign/client";
import type { AuditTrail } from "../audit/trail.ts";
import { isoTime } from "../iso-time.ts";

/** So long an answer is given again; the page says when it was made. */
const keptMs = 10_000;

export type ChainCheck = () => Promise<AuditChainResponse>;

export function createChainCheck(
  audit: Pick<AuditTrail, "verifyChain">,
  nowMs: () => number = () => Date.now(),
): ChainCheck {
  let checking: Promise<AuditChainResponse> | undefined;
  let kept: { readonly answer: AuditChainResponse; readonly untilMs: number } | undefined;

  async function check(): Promise<AuditChainResponse> {
    const verdict = await audit.verifyChain();
    const answer: AuditChainResponse = {
      outcome: verdict.outcome,
      rows: verdict.outcome === "intact" ? verdict.rows : Math.max(verdict.seq - 1, 0),
      checked_at: isoTime(nowMs()),
    };
    kept = { answer, untilMs: nowMs() + keptMs };
    return answer;
  }

  return async () => {
    if (kept !== undefined && nowMs() < kept.untilMs) return kept.answer;
    checking ??= check().finally(() => {
      checking = undefined;
    });
    return checking;
  };
}
