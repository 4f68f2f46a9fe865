// The oldest events of the trail are removed, once the trail was proved.
import Type from "typebox";
import { setTimeout as pause } from "node:timers/promises";
import type { BrokenChain } from "../audit/chain.ts";
import { createAuditTrail } from "../audit/trail.ts";
import { schemaOf, strict } from "../http/schema.ts";
import { isoTime } from "../iso-time.ts";
import { judgeTrail } from "./audit.ts";
import { type Operation, OperationRefused, operator } from "./operation.ts";

export interface PruneAuditInput {
  /** Events of then or later stay, and all that come after the first of them. */
  readonly before_ms: number;
  /** Nothing is removed unless the last one to go has this hash. */
  readonly expect: string | null;
}

export interface PruneAuditResult {
  /** Null: the trail is not whole, and nothing was removed. */
  readonly flaw: BrokenChain | null;
  readonly removed: number;
  /** Where the trail begins now: the last event that is gone, 0 and "" for none. */
  readonly last: number;
  readonly hash: string;
  /** How many are left. */
  readonly rows: number;
}

export interface PruneStep {
  readonly doing: "proving" | "removing";
  readonly done: number;
  readonly total: number;
}

/** So long at least between two transactions, or as long as the last one took: others have half of the time. */
const pauseMs = 5;

export const pruneAudit: Operation<PruneAuditInput, PruneAuditResult, PruneStep> = {
  name: "audit-prune",
  input: schemaOf<PruneAuditInput>()(
    Type.Object(
      {
        before_ms: Type.Integer({ minimum: 0 }),
        expect: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
      },
      strict,
    ),
  ),
  async run(installation, { before_ms: beforeMs, expect }, { send, signal }) {
    const { verdict, start, steps } = await judgeTrail(installation, {
      beforeMs,
      async onPage(done, total) {
        signal.throwIfAborted();
        await send({ doing: "proving", done, total });
      },
    });
    if (verdict.outcome === "broken")
      return { flaw: verdict, removed: 0, last: start.seq, hash: start.hash, rows: 0 };
    if (verdict.sealedRows === 0 && verdict.rows > 0)
      throw new OperationRefused("the trail has no seal yet: start a server of this release once");
    const last = steps.at(-1) ?? start;
    if (expect !== null && expect !== last.hash)
      throw new OperationRefused(
        `nothing was removed: the last event to go would be ${last.seq}, and its hash is not the one that was expected`,
      );
    const events = last.seq - start.seq;
    const detail = { events, last: last.seq, hash: last.hash, before: isoTime(beforeMs) };
    const trail = createAuditTrail(installation.database);
    const { seal } = await installation.auditSealing();
    let gone = start;
    for (const step of steps) {
      signal.throwIfAborted();
      const beganMs = performance.now();
      // Told before the first is gone: whoever breaks it off half way leaves the event, too.
      const event = gone === start ? ({ event: "trail_pruned", ...operator, detail } as const) : undefined;
      if (!(await trail.removeUpTo({ last: step, start: gone, seal, event })))
        throw new OperationRefused(
          `somebody else removes events at the moment; ${gone.seq - start.seq} are gone by this command`,
        );
      gone = step;
      await send({ doing: "removing", done: gone.seq - start.seq, total: events });
      await pause(Math.max(pauseMs, performance.now() - beganMs));
    }
    return { flaw: null, removed: events, last: last.seq, hash: last.hash, rows: verdict.rows - events };
  },
};
