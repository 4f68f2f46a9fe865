// The trail as JSON lines that prove themselves: where it begins, if events were removed before, then every event with
// its hash, then the end with its seal.
import { chainHash } from "../database/audit-event.ts";
import type { AuditEnd, AuditSeal, SealedAs } from "../database/audit-seal.ts";
import type { AuditTable } from "../database/tables.ts";
import type { ChainProblem, ChainVerdict } from "./chain.ts";

/** A place in the trail with its seal, as a line of an export has it. */
export interface ExportedPlace extends AuditEnd {
  readonly as: SealedAs;
  readonly seal: string;
}

/** One event of an export. Times are milliseconds since the epoch. */
export function exportedEvent({ detail, ...row }: AuditTable): string {
  return `${JSON.stringify({ ...row, detail: JSON.parse(detail) as unknown })}\n`;
}

/** `part`: the trail goes on after it. */
export function exportedEnd({ seq, hash }: AuditEnd, seal: AuditSeal, as: "end" | "part"): string {
  return `${JSON.stringify({ [as]: { seq, hash, seal: seal.make({ seq, hash }, as) } })}\n`;
}

/** With the seal that is stored: it is for whoever reads the export to judge. */
export function exportedStart({ seq, hash, seal }: AuditEnd & { readonly seal: string | null }): string {
  return `${JSON.stringify({ start: { seq, hash, seal: seal ?? "" } })}\n`;
}

export interface JudgedExport {
  /** By the hashes alone: whoever rewrites the whole file can compute them. */
  readonly verdict: ChainVerdict;
  /** What the key must vouch for. */
  readonly places: readonly ExportedPlace[];
  /** Whether an event has the hash that was looked for, or the last one before the first had it. */
  readonly isFound: boolean;
}

export async function judgeExport(
  lines: AsyncIterable<string> | Iterable<string>,
  lookFor?: string,
): Promise<JudgedExport> {
  let start: ExportedPlace | undefined;
  let end: ExportedPlace | undefined;
  let isFound = false;
  let last: AuditEnd = { seq: 0, hash: "" };
  const broken = (seq: number, problem: ChainProblem): JudgedExport => ({
    verdict: { outcome: "broken", seq, problem },
    places: [],
    isFound,
  });

  for await (const line of lines) {
    if (line === "") continue;
    const row = readLine(line);
    if (end !== undefined) return broken(last.seq + 1, "added");
    if (last.seq === 0 && start === undefined) {
      start = readPlace(row, "start");
      if (start !== undefined) last = { seq: start.seq, hash: start.hash };
      isFound ||= start !== undefined && start.hash === lookFor;
      if (start !== undefined) continue;
    }
    end = readPlace(row, "end") ?? readPlace(row, "part");
    if (end !== undefined) continue;
    const seq = last.seq + 1;
    if (row["seq"] !== seq) return broken(seq, "missing");
    const stored = { ...row, detail: JSON.stringify(row["detail"]) } as unknown as AuditTable;
    const hash = chainHash(last.hash, stored);
    if (hash !== row["hash"]) return broken(seq, "altered");
    isFound ||= hash === lookFor;
    last = { seq, hash };
  }
  const { seq, hash } = last;
  if (end?.seq !== seq || end.hash !== hash) return broken(seq, "journal");
  const { seq: prunedRows, hash: prunedHash } = start ?? { seq: 0, hash: "" };
  const rows = seq - prunedRows;
  return {
    verdict: { outcome: "intact", rows, prunedRows, prunedHash, hash, sealedRows: rows, waitingRows: 0 },
    places: [...(start === undefined ? [] : [start]), end],
    isFound,
  };
}

/** What a line says of a place; undefined where it is another line. */
function readPlace(row: Readonly<Record<string, unknown>>, as: SealedAs): ExportedPlace | undefined {
  const { seq, hash, seal } = (row[as] ?? {}) as Partial<Record<string, unknown>>;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0) return undefined;
  if (typeof hash !== "string" || typeof seal !== "string" || hash.length > 64 || seal.length > 64)
    return undefined;
  return { as, seq, hash, seal };
}

function readLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
