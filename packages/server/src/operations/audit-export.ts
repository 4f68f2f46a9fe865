// The trail as lines that prove themselves: all of it, or its older part.
import Type from "typebox";
import type { ChainVerdict } from "../audit/chain.ts";
import { exportedEnd, exportedEvent, exportedStart } from "../audit/export.ts";
import { createAuditTrail } from "../audit/trail.ts";
import { schemaOf, strict } from "../http/schema.ts";
import { judgeTrail } from "./audit.ts";
import { type Installation, type Operation, OperationRefused } from "./operation.ts";

export interface ExportAuditInput {
  /** The events that `audit prune` would remove; without it, all. */
  readonly before_ms?: number;
}

/** As much as one item holds, unless a single event is longer. */
const itemCharacters = 64 * 1024;

/** Its items are whole lines, the last of which is the end with its seal. */
export const exportAudit: Operation<ExportAuditInput, ChainVerdict, string> = {
  name: "audit-export",
  input: schemaOf<ExportAuditInput>()(
    Type.Object({ before_ms: Type.Optional(Type.Integer({ minimum: 0 })) }, strict),
  ),
  async run(installation, { before_ms: beforeMs }, { send, signal }) {
    const trail = createAuditTrail(installation.database);
    const onPage = (): void => signal.throwIfAborted();
    const cut = beforeMs === undefined ? undefined : await cutOf(installation, beforeMs, { onPage });
    const start = await trail.start();
    let end = { seq: start.seq, hash: start.hash };
    if (start.seq > 0) await send(exportedStart(start));
    for await (const rows of trail.pages(start.seq, cut?.seq)) {
      signal.throwIfAborted();
      for (const lines of parts(rows.map(exportedEvent))) await send(lines);
      const last = rows.at(-1);
      if (last !== undefined) end = { seq: last.seq, hash: last.hash };
    }
    // What was sent stays of use to whoever looks for the flaw, but nothing vouches for it.
    const verdict = cut?.verdict ?? (await judgeTrail(installation, { onPage })).verdict;
    if (verdict.outcome === "broken") return verdict;
    if ((await trail.start()).seq !== (cut?.startSeq ?? start.seq)) throw prunedMeanwhile();
    if (cut !== undefined && end.hash !== cut.hash)
      return { outcome: "broken", seq: end.seq, problem: "altered" };
    const { seal } = await installation.auditSealing();
    await send(exportedEnd(end, seal, cut === undefined ? "end" : "part"));
    return verdict;
  },
};

interface Cut {
  readonly verdict: ChainVerdict;
  readonly startSeq: number;
  readonly seq: number;
  readonly hash: string;
}

/** Where the events older than that end, in a trail that is whole. */
async function cutOf(
  installation: Installation,
  beforeMs: number,
  { onPage }: { readonly onPage: () => void },
): Promise<Cut> {
  const { verdict, start, steps } = await judgeTrail(installation, { beforeMs, onPage });
  const { seq, hash } = steps.at(-1) ?? start;
  return { verdict, startSeq: start.seq, seq, hash };
}

/** Some of what was sent, or should have been, is gone. */
function prunedMeanwhile(): OperationRefused {
  return new OperationRefused("events were removed from the trail meanwhile: export it again");
}

/** A line through the socket is bounded, and the details of some events are long. */
function* parts(lines: readonly string[]): Generator<string> {
  let part = "";
  for (const line of lines) {
    if (part !== "" && part.length + line.length > itemCharacters) {
      yield part;
      part = "";
    }
    part += line;
  }
  if (part !== "") yield part;
}
