// The trail as JSON lines that prove themselves: every event with its hash, then the end with its seal.
import { chainHash } from "../database/audit-event.ts";
import type { AuditEnd, AuditSeal } from "../database/audit-seal.ts";
import type { AuditTable } from "../database/tables.ts";
import type { ChainVerdict } from "./trail.ts";

/** One event of an export. Times are milliseconds since the epoch. */
export function exportedEvent({ detail, ...row }: AuditTable): string {
  return `${JSON.stringify({ ...row, detail: JSON.parse(detail) as unknown })}\n`;
}

export function exportedEnd(end: AuditEnd, seal: AuditSeal): string {
  return `${JSON.stringify({ end: { ...end, seal: seal.make(end) } })}\n`;
}

/**
 * Judges an export by itself. Without `seal` the hashes alone are judged, which whoever rewrites the
 * whole file can compute.
 */
export function verifyExport(text: string, seal: AuditSeal | undefined): ChainVerdict {
  const lines = text.split("\n").filter((line) => line !== "");
  const last = readLine(lines.at(-1))["end"] as Partial<AuditEnd & { seal: string }> | undefined;
  let end: AuditEnd = { seq: 0, hash: "" };
  for (const line of lines.slice(0, last === undefined ? undefined : -1)) {
    const row = readLine(line);
    const seq = end.seq + 1;
    if (row["seq"] !== seq) return { outcome: "broken", seq, problem: "missing" };
    const stored = { ...row, detail: JSON.stringify(row["detail"]) } as unknown as AuditTable;
    const hash = chainHash(end.hash, stored);
    if (hash !== row["hash"]) return { outcome: "broken", seq, problem: "altered" };
    end = { seq, hash };
  }
  const { seq, hash } = end;
  if (last?.seq !== seq || last.hash !== hash) return { outcome: "broken", seq, problem: "journal" };
  if (seal === undefined) return { outcome: "intact", rows: seq, hash, sealedRows: 0 };
  if (!seal.isOf(end, String(last.seal))) return { outcome: "broken", seq, problem: "seal" };
  return { outcome: "intact", rows: seq, hash, sealedRows: seq };
}

function readLine(line: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
