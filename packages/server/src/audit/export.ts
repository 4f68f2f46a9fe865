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

export interface ExportedEnd extends AuditEnd {
  readonly seal: string;
}

/** What the last line of an export says of its end; undefined where it is no such line. */
export function readExportedEnd(text: string): ExportedEnd | undefined {
  const line = text.trimEnd().split("\n").at(-1);
  const { seq, hash, seal } = (readLine(line)["end"] ?? {}) as Partial<Record<keyof ExportedEnd, unknown>>;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0) return undefined;
  if (typeof hash !== "string" || typeof seal !== "string" || hash.length > 64 || seal.length > 64)
    return undefined;
  return { seq, hash, seal };
}

/**
 * Judges an export by itself: the hashes here, and the seal of its end by `isSeal`, as whoever rewrites the whole file can
 * compute the hashes.
 */
export function verifyExport(text: string, isSeal: (end: ExportedEnd) => boolean): ChainVerdict {
  const lines = text.split("\n").filter((line) => line !== "");
  const last = readExportedEnd(text);
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
  if (!isSeal(last)) return { outcome: "broken", seq, problem: "seal" };
  return { outcome: "intact", rows: seq, hash, sealedRows: seq, waitingRows: 0 };
}

function readLine(line: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
